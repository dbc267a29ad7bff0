import type { InferenceSession } from 'onnxruntime-common';
import { sizeOf } from '../utils/shape.js';
import { RuntimeError, type HostTensor, type StateSpec } from './types.js';

/** What a program's model declares of one input or output; a string extent is dynamic. */
interface Declared {
  readonly name: string;
  readonly dtype: HostTensor['dtype'];
  readonly shape: readonly (number | string)[];
}

/** The inputs and outputs of a program, told apart into state, feeds and results, against which calls are checked. */
export class Signature {
  readonly #feeds: ReadonlyMap<string, Declared>;
  readonly #states: ReadonlyMap<string, StateSpec>;
  /** Names of the non-state outputs. */
  readonly results: readonly string[];
  readonly states: readonly StateSpec[];

  /** @throws RuntimeError if a state is not an input and an output of its shape, or an element type is not supported */
  constructor(session: InferenceSession, states: readonly StateSpec[]) {
    const inputs = declared('input', session.inputMetadata);
    const outputs = declared('output', session.outputMetadata);
    for (const state of states) {
      checkState('input', state.input, state.shape, inputs);
      checkState('output', state.output, state.shape, outputs);
    }
    this.states = states;
    this.#states = new Map(states.map((state) => [state.input, state]));
    const stateOutputs = new Set(states.map(({ output }) => output));
    if (this.#states.size !== states.length || stateOutputs.size !== states.length) {
      throw new RuntimeError('Two states of the program share an input or an output; give each state its own pair.');
    }
    this.#feeds = new Map([...inputs].filter(([name]) => !this.#states.has(name)));
    this.results = [...outputs.keys()].filter((name) => !stateOutputs.has(name));
  }

  /** @throws RuntimeError naming the state that is not there */
  state(input: string): StateSpec {
    const state = this.#states.get(input);
    if (state === undefined) {
      throw new RuntimeError(`The program has no state '${input}'; its states are ${list(this.#states.keys())}.`);
    }
    return state;
  }

  /** @throws RuntimeError for a state never written, and for missing, unknown, mistyped and misshapen feeds */
  checkRun(feeds: Readonly<Record<string, HostTensor>>, written: ReadonlySet<string>): void {
    const unwritten = this.states.map(({ input }) => input).filter((input) => !written.has(input));
    if (unwritten.length > 0) {
      throw new RuntimeError(`State ${list(unwritten)} has no value yet; call writeState for every state before run.`);
    }
    for (const name of Object.keys(feeds)) {
      if (this.#states.has(name))
        throw new RuntimeError(`'${name}' is a state: set it with writeState, do not feed it.`);
      if (!this.#feeds.has(name)) {
        throw new RuntimeError(`The program has no input '${name}'; feed it ${list(this.#feeds.keys())}.`);
      }
    }
    const dynamicExtents = new Map<string, number>();
    for (const expected of this.#feeds.values()) {
      const feed = feeds[expected.name];
      if (feed === undefined) {
        throw new RuntimeError(`Input '${expected.name}' is missing; feed it ${list(this.#feeds.keys())}.`);
      }
      checkFeed(feed, expected, dynamicExtents);
    }
  }
}

/** @param dynamicExtents the value each dynamic extent has in this run; completed here */
function checkFeed(feed: HostTensor, expected: Declared, dynamicExtents: Map<string, number>): void {
  const { name, dtype, shape } = expected;
  if (feed.dtype !== dtype) throw new RuntimeError(`Input '${name}' must be ${dtype}, got ${feed.dtype}.`);
  if (!(feed.data instanceof (dtype === 'float32' ? Float32Array : BigInt64Array))) {
    throw new RuntimeError(`Input '${name}' is ${dtype}: its data must be a ${arrayOf[dtype]}.`);
  }
  const fits =
    feed.shape.length === shape.length &&
    shape.every((extent, axis) => {
      const actual = feed.shape[axis] ?? 0;
      if (typeof extent === 'number') return actual === extent;
      if (!dynamicExtents.has(extent)) dynamicExtents.set(extent, actual);
      return actual === dynamicExtents.get(extent);
    });
  if (!fits) {
    const known = shape.map((extent) =>
      typeof extent === 'string' && dynamicExtents.has(extent) ? `${extent}=${dynamicExtents.get(extent)}` : extent,
    );
    throw new RuntimeError(`Input '${name}' must have shape [${known.join(', ')}], got [${feed.shape.join(', ')}].`);
  }
  checkLength(`Input '${name}'`, feed.shape, feed.data.length);
}

/** @throws RuntimeError if `length` is not the number of elements of a tensor of that shape */
export function checkLength(what: string, shape: readonly number[], length: number): void {
  const size = sizeOf(shape);
  if (length !== size) {
    throw new RuntimeError(`${what} of shape [${shape.join(', ')}] needs ${size} elements, got ${length}.`);
  }
}

const arrayOf = { float32: 'Float32Array', int64: 'BigInt64Array' } as const;

function declared(
  role: 'input' | 'output',
  metadata: readonly InferenceSession.ValueMetadata[],
): ReadonlyMap<string, Declared> {
  return new Map(
    metadata.map((value) => {
      const dtype = value.isTensor ? value.type : 'no tensor';
      if (!value.isTensor || (dtype !== 'float32' && dtype !== 'int64')) {
        throw new RuntimeError(
          `The program's ${role} '${value.name}' is ${dtype}; only float32 and int64 tensors cross the boundary of a program.`,
        );
      }
      return [value.name, { name: value.name, dtype, shape: value.shape }];
    }),
  );
}

function checkState(
  role: 'input' | 'output',
  name: string,
  shape: readonly number[],
  values: ReadonlyMap<string, Declared>,
): void {
  const value = values.get(name);
  const found = value === undefined ? 'has none of that name' : `declares ${value.dtype} [${value.shape.join(', ')}]`;
  const same =
    value?.dtype === 'float32' &&
    value.shape.length === shape.length &&
    value.shape.every((extent, axis) => extent === shape[axis]);
  if (!same) {
    throw new RuntimeError(
      `State ${role} '${name}' must be a float32 ${role} [${shape.join(', ')}] of the model, which ${found}.`,
    );
  }
}

function list(names: Iterable<string>): string {
  const quoted = [...names].map((name) => `'${name}'`);
  return quoted.length > 0 ? quoted.join(', ') : 'nothing';
}
