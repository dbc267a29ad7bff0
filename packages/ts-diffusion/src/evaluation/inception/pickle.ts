import { DataError } from '../../utils/errors.js';

export type PickleFunction = (args: readonly unknown[]) => unknown;

/** A named object without behaviour, such as a class that only says what kind of data is meant. */
export interface PickleToken {
  readonly token: string;
}

/**
 * What a pickle may refer to by name, `module.name`: functions that build a value from their arguments, and tokens. There is
 * nothing else to find or to call, so a pickle cannot do anything but build data.
 */
export type PickleGlobals = Readonly<Record<string, PickleFunction | PickleToken>>;

export interface UnpickleOptions {
  readonly globals: PickleGlobals;
  /** What a persistent id stands for: data kept outside the pickle. */
  readonly persistentLoad?: (id: unknown) => unknown;
  /** Where the pickle comes from, for messages. */
  readonly source: string;
}

/**
 * Reads the pickle that starts at `offset`: of protocols 2 to 4 what plain data and tensors need. Dictionaries become Maps,
 * lists and tuples arrays, integers beyond ±2^53 bigints.
 * Source: CPython, Lib/pickletools.py.
 *
 * @returns the value, and the offset behind the pickle
 * @throws DataError for an opcode or a global that is not allowed (naming it), and for a damaged or truncated pickle
 */
export function unpickle(bytes: Uint8Array, offset: number, options: UnpickleOptions): { value: unknown; end: number } {
  const machine = new PickleMachine(bytes, offset, options);
  for (let opcodes = 0; ; opcodes++) {
    if (opcodes > MOST_OPCODES) machine.fail(`it has more than ${MOST_OPCODES} opcodes`);
    const at = machine.position;
    const opcode = machine.unsigned(1);
    if (opcode === STOP) return { value: machine.pop(), end: machine.position };
    const value = values[opcode];
    const effect = effects[opcode];
    if (value) machine.push(value(machine));
    else if (effect) effect(machine);
    else machine.fail(`opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${at} is not allowed`);
  }
}

/** The state dict of Inception-v3 has 20,000. Each may build a value larger than itself. */
const MOST_OPCODES = 500_000;

/** The start of a run of items on the stack. */
const MARK = Symbol('mark');

/** A cursor over the bytes, a stack and a memo. */
class PickleMachine {
  private readonly view: DataView;
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  /** Items that calls may still copy: a list that the memo repeats must not be copied again and again. */
  private copies: number;

  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    private readonly options: UnpickleOptions,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.copies = bytes.length;
  }

  fail(problem: string): never {
    throw new DataError(`${this.options.source}: not a readable pickle: ${problem}`);
  }

  /** Steps over `length` bytes and returns where they start. */
  skip(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) this.fail('it ends in the middle (truncated file?)');
    this.position += length;
    return start;
  }

  unsigned(bytes: 1 | 2 | 4): number {
    const start = this.skip(bytes);
    if (bytes === 1) return this.view.getUint8(start);
    return bytes === 2 ? this.view.getUint16(start, true) : this.view.getUint32(start, true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** Two's complement, little-endian. */
  long(length: number): number | bigint {
    const digits = this.bytes.subarray(this.skip(length), this.position);
    const value = BigInt.asIntN(
      8 * length,
      digits.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
    );
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  text(length: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.skip(length), this.position));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    const text = this.text((end < 0 ? this.bytes.length : end) - this.position);
    this.skip(1);
    return text;
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0 || this.stack.at(-1) === MARK) this.fail('it pops from an empty stack');
    return this.stack.pop();
  }

  /** The last `count` items, in the order in which they came. */
  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  popToMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) this.fail('a mark is missing');
    return this.stack.splice(mark).slice(1);
  }

  /** To the list on the top of the stack. */
  append(items: readonly unknown[]): void {
    const list = this.stack.at(-1);
    if (!Array.isArray(list)) this.fail('it appends to a value that is not a list');
    for (const item of items) list.push(item);
  }

  /** Keys and values in turn, in the dictionary on the top of the stack. */
  setItems(items: readonly unknown[]): void {
    const dictionary = this.stack.at(-1);
    if (!(dictionary instanceof Map)) this.fail('it sets items of a value that is not a dictionary');
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  }

  memoize(index = this.memo.size): void {
    this.memo.set(index, this.stack.at(-1));
  }

  recall(index: number): unknown {
    if (!this.memo.has(index)) this.fail(`it recalls item ${index}, which it did not store`);
    return this.memo.get(index);
  }

  global(module: unknown, name: unknown): PickleFunction | PickleToken | undefined {
    if (typeof module !== 'string' || typeof name !== 'string')
      this.fail('it imports a global whose name is not a string');
    const key = `${module}.${name}`;
    const { globals } = this.options;
    if (!Object.hasOwn(globals, key)) {
      this.fail(`it imports ${key}, which is refused: only tensors and plain data are read`);
    }
    return globals[key];
  }

  call(): unknown {
    const [callable, args] = this.popMany(2);
    if (typeof callable !== 'function' || !Array.isArray(args)) this.fail('it calls a value that is not a function');
    for (const arg of args as unknown[]) if (Array.isArray(arg)) this.copies -= arg.length;
    if (this.copies < 0) this.fail('it builds more than it has bytes');
    return (callable as PickleFunction)(args);
  }

  persistent(id: unknown): unknown {
    const { persistentLoad } = this.options;
    if (!persistentLoad) this.fail('it refers to external data, which does not exist');
    return persistentLoad(id);
  }
}

const STOP = 0x2e;

type Opcodes<Result> = Readonly<Partial<Record<number, (machine: PickleMachine) => Result>>>;

/** Opcodes that push a value. */
const values: Opcodes<unknown> = {
  0x4e: () => null, // NONE
  0x88: () => true, // NEWTRUE
  0x89: () => false, // NEWFALSE
  0x4b: (machine) => machine.unsigned(1), // BININT1
  0x4d: (machine) => machine.unsigned(2), // BININT2
  0x4a: (machine) => machine.int32(), // BININT
  0x8a: (machine) => machine.long(machine.unsigned(1)), // LONG1
  0x47: (machine) => machine.float64(), // BINFLOAT
  0x58: (machine) => machine.text(machine.unsigned(4)), // BINUNICODE
  0x8c: (machine) => machine.text(machine.unsigned(1)), // SHORT_BINUNICODE
  0x55: (machine) => machine.text(machine.unsigned(1)), // SHORT_BINSTRING, a `str` of Python 2
  0x5d: () => [], // EMPTY_LIST
  0x7d: () => new Map(), // EMPTY_DICT
  0x29: () => [], // EMPTY_TUPLE
  0x85: (machine) => machine.popMany(1), // TUPLE1
  0x86: (machine) => machine.popMany(2), // TUPLE2
  0x87: (machine) => machine.popMany(3), // TUPLE3
  0x74: (machine) => machine.popToMark(), // TUPLE
  0x68: (machine) => machine.recall(machine.unsigned(1)), // BINGET
  0x6a: (machine) => machine.recall(machine.unsigned(4)), // LONG_BINGET
  0x63: (machine) => machine.global(machine.line(), machine.line()), // GLOBAL
  0x93: (machine) => machine.global(...(machine.popMany(2) as [unknown, unknown])), // STACK_GLOBAL
  0x52: (machine) => machine.call(), // REDUCE
  0x51: (machine) => machine.persistent(machine.pop()), // BINPERSID
  0x28: () => MARK, // MARK
};

/** Opcodes that change what is on the stack or in the memo. */
const effects: Opcodes<void> = {
  // PROTO
  0x80: (machine) => {
    const protocol = machine.unsigned(1);
    if (protocol < 2 || protocol > 4) machine.fail(`its protocol is ${protocol}, expected 2 to 4`);
  },
  // FRAME
  0x95: (machine) => {
    machine.skip(8);
  },
  // APPEND
  0x61: (machine) => {
    machine.append(machine.popMany(1));
  },
  // APPENDS
  0x65: (machine) => {
    machine.append(machine.popToMark());
  },
  // SETITEM
  0x73: (machine) => {
    machine.setItems(machine.popMany(2));
  },
  // SETITEMS
  0x75: (machine) => {
    machine.setItems(machine.popToMark());
  },
  // BUILD: attributes of an OrderedDict, in which a state dict keeps the versions of its modules, are not data.
  0x62: (machine) => {
    machine.pop();
    machine.setItems([]);
  },
  // BINPUT
  0x71: (machine) => {
    machine.memoize(machine.unsigned(1));
  },
  // LONG_BINPUT
  0x72: (machine) => {
    machine.memoize(machine.unsigned(4));
  },
  // MEMOIZE
  0x94: (machine) => {
    machine.memoize();
  },
};
