import { OnnxGraphBuilder } from '../../src/onnx/writer.js';
import { RuntimeError, type HostTensor, type ProgramSource, type Runtime } from '../../src/runtime/types.js';

/** One promise of the `Runtime` interface. Throws if the runtime breaks it; needs no test framework, so pages run it too. */
export interface ContractCase {
  readonly name: string;
  readonly run: (runtime: Runtime) => Promise<void>;
}

const float32 = (data: readonly number[], shape: readonly number[] = [data.length]): HostTensor => ({
  dtype: 'float32',
  data: Float32Array.from(data),
  shape,
});

const int64 = (data: readonly number[], shape: readonly number[] = [data.length]): HostTensor => ({
  dtype: 'int64',
  data: BigInt64Array.from(data.map(BigInt)),
  shape,
});

function equal(what: string, actual: ArrayLike<number | bigint> | undefined, expected: readonly number[]): void {
  const values = Array.from(actual ?? [], Number);
  if (actual === undefined || values.length !== expected.length || values.some((value, i) => value !== expected[i])) {
    throw new Error(`${what}: expected [${expected.join(', ')}], got [${values.join(', ')}]`);
  }
}

/** The action has to fail, by throwing or rejecting, with a RuntimeError whose message matches. */
async function refuses(what: string, action: () => unknown, message: RegExp): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof RuntimeError && message.test(error.message)) return;
    throw new Error(`${what}: expected a RuntimeError like ${String(message)}, got ${String(error)}`);
  }
  throw new Error(`${what}: nothing was thrown`);
}

/** total.next = total + amount; `before` is the total before the run. */
function counter(shape: readonly number[] = [2]): ProgramSource {
  const graph = new OnnxGraphBuilder('counter');
  const total = graph.input('total', 'float32', shape);
  const amount = graph.input('amount', 'float32', shape);
  graph.node('Add', [total, amount], {}, ['total.next']);
  graph.node('Mul', [total, graph.initializer(Float32Array.of(1), [])], {}, ['before']);
  graph.output('total.next', 'float32', shape);
  graph.output('before', 'float32', shape);
  return { model: graph.build(), states: [{ input: 'total', output: 'total.next', shape }] };
}

/** (a, b) <- (b, a + b): wrong as soon as one state advances before the other is read. */
function fibonacci(): ProgramSource {
  const graph = new OnnxGraphBuilder('fibonacci');
  graph.input('a', 'float32', []);
  graph.input('b', 'float32', []);
  graph.node('Identity', ['b'], {}, ['a.next']);
  graph.node('Add', ['a', 'b'], {}, ['b.next']);
  graph.output('a.next', 'float32', []);
  graph.output('b.next', 'float32', []);
  return {
    model: graph.build(),
    states: [
      { input: 'a', output: 'a.next', shape: [] },
      { input: 'b', output: 'b.next', shape: [] },
    ],
  };
}

/** Fails inside the run when `shape` does not hold the two elements of `amount`. */
function reshapingCounter(): ProgramSource {
  const graph = new OnnxGraphBuilder('reshaping_counter');
  graph.input('total', 'float32', [2]);
  graph.input('amount', 'float32', [2]);
  graph.input('shape', 'int64', [1]);
  const [reshaped] = graph.node('Reshape', ['amount', 'shape']) as [string];
  const [sum] = graph.node('ReduceSum', [reshaped], { keepdims: 0 }) as [string];
  graph.node('Add', ['total', sum], {}, ['total.next']);
  graph.output('total.next', 'float32', [2]);
  return { model: graph.build(), states: [{ input: 'total', output: 'total.next', shape: [2] }] };
}

/** y = x * scale over a batch of dynamic size that both inputs share; label passes through as a float. */
function dynamicBatch(): ProgramSource {
  const graph = new OnnxGraphBuilder('dynamic_batch');
  graph.input('x', 'float32', ['batch', 2]);
  graph.input('label', 'int64', ['batch']);
  graph.node('Mul', ['x', graph.initializer(Float32Array.of(10, 100), [2])], {}, ['y']);
  graph.node('Cast', ['label'], { to: 1 }, ['label.float']);
  graph.output('y', 'float32', ['batch', 2]);
  graph.output('label.float', 'float32', ['batch']);
  return { model: graph.build() };
}

export const contract: readonly ContractCase[] = [
  {
    name: 'advances the state with every run and returns the other outputs',
    async run(runtime) {
      const program = await runtime.compile(counter());
      program.writeState('total', Float32Array.of(1, 2));
      for (const expected of [
        [1, 2],
        [11, 22],
        [21, 42],
      ]) {
        const outputs = await program.run({ amount: float32([10, 20]) });
        equal('names of the outputs', Object.keys(outputs).length === 1 ? [1] : [0], [1]);
        equal('before', outputs['before']?.data, expected);
        equal('shape of before', outputs['before']?.shape, [2]);
      }
      equal('total', await program.readState('total'), [31, 62]);
      equal('total read again', await program.readState('total'), [31, 62]);
      await program.run({ amount: float32([1, 1]) });
      equal('total after reading and running', await program.readState('total'), [32, 63]);
      await program.dispose();
    },
  },
  {
    name: 'advances several states at once',
    async run(runtime) {
      const program = await runtime.compile(fibonacci());
      program.writeState('a', Float32Array.of(0));
      program.writeState('b', Float32Array.of(1));
      for (let i = 0; i < 20; i++) await program.run({});
      equal('F(20)', await program.readState('a'), [6765]);
      equal('F(21)', await program.readState('b'), [10946]);
      await program.dispose();
    },
  },
  {
    name: 'reads and writes copies of the state',
    async run(runtime) {
      const program = await runtime.compile(counter());
      const written = Float32Array.of(1, 2);
      program.writeState('total', written);
      written.fill(99);
      const read = await program.readState('total');
      equal('state after its source changed', read, [1, 2]);
      read.fill(77);
      equal('state after the copy changed', await program.readState('total'), [1, 2]);
      await program.run({ amount: float32([1, 1]) });
      (await program.readState('total')).fill(55);
      equal('state after the second copy changed', await program.readState('total'), [2, 3]);
      program.writeState('total', Float32Array.of(-1, -2));
      equal('state written between runs', await program.readState('total'), [-1, -2]);
      await program.dispose();
    },
  },
  {
    name: 'serialises calls that do not wait for one another',
    async run(runtime) {
      const program = await runtime.compile(counter([1]));
      program.writeState('total', Float32Array.of(0));
      const runs = Array.from({ length: 8 }, () => program.run({ amount: float32([1]) }));
      const middle = program.readState('total');
      program.writeState('total', Float32Array.of(100));
      const last = program.run({ amount: float32([1]) });
      const end = program.readState('total');
      const before = (await Promise.all(runs)).map((outputs) => outputs['before']?.data[0] ?? NaN);
      equal('totals seen', before, [0, 1, 2, 3, 4, 5, 6, 7]);
      equal('read in between', await middle, [8]);
      equal('run after the write', (await last)['before']?.data, [100]);
      equal('read at the end', await end, [101]);
      await program.dispose();
    },
  },
  {
    name: 'runs two programs side by side',
    async run(runtime) {
      const [one, two] = await Promise.all([runtime.compile(counter([1])), runtime.compile(counter([3]))]);
      one.writeState('total', Float32Array.of(0));
      two.writeState('total', new Float32Array(3));
      await Promise.all([
        one.run({ amount: float32([1]) }),
        two.run({ amount: float32([2, 3, 4]) }),
        one.run({ amount: float32([1]) }),
        two.run({ amount: float32([2, 3, 4]) }),
      ]);
      equal('first', await one.readState('total'), [2]);
      await one.dispose();
      equal('second, the first disposed of', await two.readState('total'), [4, 6, 8]);
      await two.dispose();
    },
  },
  {
    name: 'holds a large state exactly',
    async run(runtime) {
      const size = 300_000;
      const program = await runtime.compile(counter([3, size / 3]));
      program.writeState(
        'total',
        Float32Array.from({ length: size }, (_, i) => i),
      );
      const amount = float32(Array<number>(size).fill(0.5), [3, size / 3]);
      for (let i = 0; i < 4; i++) await program.run({ amount });
      const total = await program.readState('total');
      equal('elements off', [total.reduce((off, value, i) => off + (value === i + 2 ? 0 : 1), 0)], [0]);
      await program.dispose();
    },
  },
  {
    name: 'convolves: a 3x3 box filter counts the neighbours inside the image',
    async run(runtime) {
      const graph = new OnnxGraphBuilder('box');
      graph.input('image', 'float32', [1, 1, 3, 4]);
      const box = graph.initializer(new Float32Array(9).fill(1), [1, 1, 3, 3]);
      graph.node('Conv', ['image', box], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, ['neighbours']);
      graph.output('neighbours', 'float32', [1, 1, 3, 4]);
      const program = await runtime.compile({ model: graph.build() });
      const { neighbours } = await program.run({ image: float32(Array<number>(12).fill(1), [1, 1, 3, 4]) });
      equal('neighbours', neighbours?.data, [4, 6, 6, 4, 6, 9, 9, 6, 4, 6, 6, 4]);
      equal('shape', neighbours?.shape, [1, 1, 3, 4]);
      await program.dispose();
    },
  },
  {
    name: 'accepts any extent where the program declares a dynamic one, the same for all inputs',
    async run(runtime) {
      const program = await runtime.compile(dynamicBatch());
      for (const batch of [1, 3]) {
        const x = float32(Array<number>(batch * 2).fill(1), [batch, 2]);
        const outputs = await program.run({ x, label: int64(Array.from({ length: batch }, (_, i) => i - 1)) });
        equal('y', outputs['y']?.data, Array.from({ length: batch }, () => [10, 100]).flat());
        equal('shape of y', outputs['y']?.shape, [batch, 2]);
        equal(
          'label',
          outputs['label.float']?.data,
          Array.from({ length: batch }, (_, i) => i - 1),
        );
      }
      await refuses(
        'unequal batches',
        () => program.run({ x: float32([1, 1], [1, 2]), label: int64([1, 2]) }),
        /'label' must have shape \[batch=1\], got \[2\]/,
      );
      await program.dispose();
    },
  },
  {
    name: 'refuses feeds that are missing, unknown, mistyped or misshapen, and goes on working',
    async run(runtime) {
      const program = await runtime.compile(counter());
      program.writeState('total', Float32Array.of(0, 0));
      const amount = float32([1, 1]);
      await refuses('missing', () => program.run({}), /'amount' is missing/);
      await refuses('unknown', () => program.run({ amount, amuont: amount }), /no input 'amuont'.*'amount'/);
      await refuses('state', () => program.run({ amount, total: amount }), /'total' is a state/);
      await refuses('dtype', () => program.run({ amount: int64([1, 1]) }), /'amount' must be float32, got int64/);
      await refuses('extent', () => program.run({ amount: float32([1, 1, 1]) }), /shape \[2\], got \[3\]/);
      await refuses('rank', () => program.run({ amount: float32([1, 1], [1, 2]) }), /shape \[2\], got \[1, 2\]/);
      await refuses('length', () => program.run({ amount: float32([1, 1, 1], [2]) }), /needs 2 elements, got 3/);
      const misfit = { dtype: 'float32', data: new Float64Array(2), shape: [2] } as unknown as HostTensor;
      await refuses('array', () => program.run({ amount: misfit }), /must be a Float32Array/);
      equal('state after the refusals', await program.readState('total'), [0, 0]);
      await program.run({ amount });
      equal('state after a valid run', await program.readState('total'), [1, 1]);
      await program.dispose();
    },
  },
  {
    name: 'refuses unknown states, states of a wrong size, and runs before every state is written',
    async run(runtime) {
      const program = await runtime.compile(fibonacci());
      await refuses('read', () => program.readState('c'), /no state 'c'.*'a', 'b'/);
      await refuses(
        'write',
        () => {
          program.writeState('c', Float32Array.of(0));
        },
        /no state 'c'/,
      );
      await refuses(
        'size',
        () => {
          program.writeState('a', Float32Array.of(0, 0));
        },
        /'a' of shape \[\] needs 1 elements, got 2/,
      );
      await refuses('read before write', () => program.readState('a'), /'a' has no value yet/);
      program.writeState('a', Float32Array.of(0));
      await refuses('run before all writes', () => program.run({}), /'b' has no value yet/);
      program.writeState('b', Float32Array.of(1));
      await program.run({});
      equal('a', await program.readState('a'), [1]);
      await program.dispose();
    },
  },
  {
    name: 'keeps the state of before when a run fails',
    async run(runtime) {
      const program = await runtime.compile(reshapingCounter());
      program.writeState('total', Float32Array.of(1, 1));
      await program.run({ amount: float32([1, 2]), shape: int64([2]) });
      await refuses('run', () => program.run({ amount: float32([1, 2]), shape: int64([5]) }), /failed/);
      equal('state', await program.readState('total'), [4, 4]);
      const next = (): Promise<unknown> => program.run({ amount: float32([3, 3]), shape: int64([2]) });
      if (runtime.device === 'webgpu' && runtime.version.startsWith('onnxruntime-web')) {
        await refuses('next run', next, /compile it again/);
      } else {
        await next();
        equal('state after the next run', await program.readState('total'), [10, 10]);
      }
      await program.dispose();
    },
  },
  {
    name: 'refuses models that are invalid or lack the declared states',
    async run(runtime) {
      await refuses('no model', () => runtime.compile({ model: Uint8Array.of(1, 2, 3, 4) }), /cannot be compiled/);
      const { model } = counter();
      const state = { input: 'total', output: 'total.next', shape: [2] };
      await refuses(
        'no such input',
        () => runtime.compile({ model, states: [{ ...state, input: 'sum' }] }),
        /State input 'sum' must be a float32 input \[2\] of the model, which has none of that name/,
      );
      await refuses(
        'wrong shape',
        () => runtime.compile({ model, states: [{ ...state, shape: [3] }] }),
        /\[3\] of the model, which declares float32 \[2\]/,
      );
      await refuses('twice', () => runtime.compile({ model, states: [state, state] }), /share/);
    },
  },
  {
    name: 'disposes once, after the runs under way, and refuses everything afterwards',
    async run(runtime) {
      const program = await runtime.compile(counter([1]));
      program.writeState('total', Float32Array.of(5));
      const underWay = program.run({ amount: float32([1]) });
      await Promise.all([program.dispose(), program.dispose()]);
      await program.dispose();
      equal('run under way', (await underWay)['before']?.data, [5]);
      await refuses('run', () => program.run({ amount: float32([1]) }), /disposed/);
      await refuses('read', () => program.readState('total'), /disposed/);
      await refuses(
        'write',
        () => {
          program.writeState('total', Float32Array.of(0));
        },
        /disposed/,
      );
    },
  },
];

/** How a case ended; `error` is absent where the promise was kept. */
export interface ContractResult {
  readonly name: string;
  readonly error?: string;
}

/** Runs every case, for where there is no test framework. */
export async function runContract(runtime: Runtime): Promise<ContractResult[]> {
  const results: ContractResult[] = [];
  for (const { name, run } of contract) {
    try {
      await run(runtime);
      results.push({ name });
    } catch (error) {
      results.push({ name, error: String(error) });
    }
  }
  return results;
}
