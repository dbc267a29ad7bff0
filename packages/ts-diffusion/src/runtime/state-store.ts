import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import { sizeOf } from '../utils/shape.js';
import { discard } from './discard.js';
import type { StateSpec } from './types.js';

/** The present values of a program's states and how they pass from one run to the next. */
export interface StateStore {
  /** What the next run is fed. */
  feeds(): Record<string, Tensor>;
  /** Where the next run is to put the new values; null: wherever it likes. */
  fetches(): Record<string, Tensor | null>;
  /** Takes over the new values after a run that succeeded. */
  advance(results: InferenceSession.ReturnType): void;
  /** A fresh copy of one state. */
  read(input: string): Promise<Float32Array>;
  /** Replaces one state; `data` belongs to the store from now on. */
  write(input: string, data: Float32Array<ArrayBuffer>): void;
  dispose(): void;
}

/**
 * State in host memory: two buffers per state, of which each run reads one and writes the other.
 *
 * onnxruntime-node 1.30 writes the new values where it is told to and then returns a copy of them besides, which is discarded
 * here: for the paper's network 30 MB at every training step.
 */
export class PingPongState implements StateStore {
  readonly #states: readonly StateSpec[];
  #present = new Map<string, Tensor>();
  #next = new Map<string, Tensor>();

  constructor(states: readonly StateSpec[], tensorClass: TensorConstructor) {
    this.#states = states;
    for (const { input, shape } of states) {
      const size = sizeOf(shape);
      for (const buffers of [this.#present, this.#next]) {
        buffers.set(input, new tensorClass('float32', new Float32Array(size), shape));
      }
    }
  }

  feeds(): Record<string, Tensor> {
    return Object.fromEntries(this.#present);
  }

  fetches(): Record<string, Tensor> {
    return Object.fromEntries(this.#states.map(({ input, output }) => [output, valueOf(this.#next, input)]));
  }

  advance(results: InferenceSession.ReturnType): void {
    for (const { input, output } of this.#states) {
      const copy = hostData(results[output] as Tensor);
      if (copy.buffer !== hostData(valueOf(this.#next, input)).buffer) discard(copy);
    }
    [this.#present, this.#next] = [this.#next, this.#present];
  }

  read(input: string): Promise<Float32Array> {
    return Promise.resolve(hostData(valueOf(this.#present, input)).slice());
  }

  write(input: string, data: Float32Array<ArrayBuffer>): void {
    hostData(valueOf(this.#present, input)).set(data);
    discard(data);
  }

  dispose(): void {
    this.#present.clear();
    this.#next.clear();
  }
}

/**
 * State in whatever tensors a run returns, on the device where `preferredOutputLocation` says so: written values are
 * uploaded by the first run that is fed them.
 */
export class ReturnedState implements StateStore {
  readonly #states: readonly StateSpec[];
  readonly #tensorClass: TensorConstructor;
  readonly #download: (tensor: Tensor) => Promise<Float32Array>;
  readonly #present = new Map<string, Tensor>();

  /** @param download a fresh host copy of a tensor on the device, which stays usable as a feed */
  constructor(
    states: readonly StateSpec[],
    tensorClass: TensorConstructor,
    download: (tensor: Tensor) => Promise<Float32Array>,
  ) {
    this.#states = states;
    this.#tensorClass = tensorClass;
    this.#download = download;
  }

  feeds(): Record<string, Tensor> {
    return Object.fromEntries(this.#present);
  }

  fetches(): Record<string, null> {
    return Object.fromEntries(this.#states.map(({ output }) => [output, null]));
  }

  advance(results: InferenceSession.ReturnType): void {
    for (const { input, output } of this.#states) {
      const tensor = results[output];
      if (tensor !== undefined) this.#replace(input, tensor);
    }
  }

  async read(input: string): Promise<Float32Array> {
    const tensor = valueOf(this.#present, input);
    return tensor.location === 'cpu' ? hostData(tensor).slice() : await this.#download(tensor);
  }

  write(input: string, data: Float32Array): void {
    const state = this.#states.find((candidate) => candidate.input === input);
    this.#replace(input, new this.#tensorClass('float32', data, state?.shape ?? [data.length]));
  }

  dispose(): void {
    for (const tensor of this.#present.values()) tensor.dispose();
    this.#present.clear();
  }

  #replace(input: string, tensor: Tensor): void {
    this.#present.get(input)?.dispose();
    this.#present.set(input, tensor);
  }
}

function valueOf(tensors: ReadonlyMap<string, Tensor>, input: string): Tensor {
  const tensor = tensors.get(input);
  if (tensor === undefined) throw new RangeError(`state '${input}' has no value`);
  return tensor;
}

function hostData(tensor: Tensor): Float32Array<ArrayBuffer> {
  return tensor.data as Float32Array<ArrayBuffer>;
}
