/** Where a program runs. `cpu` and `webgpu` in Node, `wasm` and `webgpu` in a browser. `createRuntime` takes each of them back. */
export type DeviceName = 'cpu' | 'webgpu' | 'wasm';

/** Values going into and out of a program: row-major data with its shape; int64 holds labels and the like. */
export type HostTensor =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array };

/** A state tensor of a program: fed as `input`, replaced after each run by the value of `output`. */
export interface StateSpec {
  readonly input: string;
  readonly output: string;
  readonly shape: readonly number[];
}

/** What a program is compiled from: an ONNX model and which of its inputs are state. */
export interface ProgramSource {
  /** A serialised ONNX ModelProto. */
  readonly model: Uint8Array;
  readonly states?: readonly StateSpec[];
}

/**
 * A compiled graph on one device. State (weights, optimizer moments) stays on the device between runs.
 * Calls are serialised: `run` may be called again before the previous call has settled.
 */
export interface Program {
  /**
   * Runs once: `feeds` holds every non-state input; returns every non-state output, on the host. Advances the state; a run
   * that fails leaves it as it was (on webgpu in a browser it can then be read, but the program not run again). The arrays of `feeds` must stay unchanged until the run has settled.
   * @throws RuntimeError for a missing, unknown or misshapen feed, unwritten state, or a program disposed of
   */
  run(feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>>;
  /** Copies the named state from the device (a fresh copy, never an alias). @throws RuntimeError for an unknown name */
  readState(input: string): Promise<Float32Array>;
  /**
   * Replaces the named state by a copy of `data`, after the runs called before and before those called later. Must be
   * called for every state before the first run. @throws RuntimeError for an unknown name or a wrong number of elements
   */
  writeState(input: string, data: Float32Array): void;
  /** Frees the session and all device memory once the runs under way have settled. Idempotent. */
  dispose(): Promise<void>;
}

/** A device with the ability to compile programs. */
export interface Runtime {
  readonly device: DeviceName;
  /** Intra-op threads (cpu, wasm); 1 on webgpu. */
  readonly threads: number;
  /** Name and version of the library beneath, e.g. `onnxruntime-node 1.30.0`. */
  readonly version: string;
  /** @throws RuntimeError if the model is not valid or does not have the declared states */
  compile(source: ProgramSource): Promise<Program>;
}

/** Anything the runtime refuses or fails at. */
export class RuntimeError extends Error {
  override readonly name: string = 'RuntimeError';
}
