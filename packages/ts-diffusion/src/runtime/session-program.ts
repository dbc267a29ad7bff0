import type { InferenceSession, OnnxValue, Tensor, TensorConstructor } from 'onnxruntime-common';
import { messageOf } from './errors.js';
import type { SerialQueue } from './serial-queue.js';
import { checkLength, type Signature } from './signature.js';
import type { StateStore } from './state-store.js';
import { RuntimeError, type DeviceName, type HostTensor, type Program } from './types.js';

/** What an adapter brings to a program: its library's session and tensors, its queue, and where the state lives. */
export interface ProgramParts {
  readonly device: DeviceName;
  readonly session: InferenceSession;
  readonly tensorClass: TensorConstructor;
  readonly signature: Signature;
  readonly states: StateStore;
  readonly queue: SerialQueue;
  /** Whether a session must not run again after a run that failed. */
  readonly lostAfterFailure: boolean;
}

/** A program over a session of either ONNX Runtime library. */
export class SessionProgram implements Program {
  readonly #parts: ProgramParts;
  readonly #written = new Set<string>();
  #disposal: Promise<void> | undefined;
  #lost = false;

  constructor(parts: ProgramParts) {
    this.#parts = parts;
  }

  async run(feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>> {
    this.#refuseIfDisposed();
    const { device, session, tensorClass, signature, states, queue } = this.#parts;
    signature.checkRun(feeds, this.#written);
    const tensors = Object.entries(feeds).map(([name, { dtype, data, shape }]): [string, Tensor] => [
      name,
      new tensorClass(dtype, data, shape),
    ]);
    return await queue.add(async () => {
      if (this.#lost) {
        throw new RuntimeError(`A run of this program failed on ${device}, so it cannot run again; compile it again.`);
      }
      const fetches: Record<string, Tensor | null> = states.fetches();
      for (const name of signature.results) fetches[name] = null;
      let results: InferenceSession.ReturnType;
      try {
        results = await session.run({ ...states.feeds(), ...Object.fromEntries(tensors) }, fetches);
      } catch (error) {
        this.#lost = this.#parts.lostAfterFailure;
        throw new RuntimeError(`Running the program on ${device} failed: ${messageOf(error)}`, { cause: error });
      }
      states.advance(results);
      return Object.fromEntries(signature.results.map((name) => [name, toHost(name, results[name])]));
    });
  }

  async readState(input: string): Promise<Float32Array> {
    this.#refuseIfDisposed();
    const { signature, states, queue } = this.#parts;
    signature.state(input);
    if (!this.#written.has(input)) {
      throw new RuntimeError(`State '${input}' has no value yet; call writeState before readState.`);
    }
    return await queue.add(() => states.read(input));
  }

  writeState(input: string, data: Float32Array): void {
    this.#refuseIfDisposed();
    const { signature, states, queue } = this.#parts;
    checkLength(`State '${input}'`, signature.state(input).shape, data.length);
    const copy = data.slice();
    this.#written.add(input);
    void queue.add(() => {
      states.write(input, copy);
    });
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#parts.queue.add(async () => {
      this.#parts.states.dispose();
      await this.#parts.session.release();
    });
    return this.#disposal;
  }

  #refuseIfDisposed(): void {
    if (this.#disposal !== undefined) {
      throw new RuntimeError('The program has been disposed of; compile it again to use it.');
    }
  }
}

function toHost(name: string, tensor: OnnxValue | undefined): HostTensor {
  const { type, dims, data } = tensor ?? {};
  if (dims !== undefined && type === 'float32') return { dtype: type, shape: dims, data: data as Float32Array };
  if (dims !== undefined && type === 'int64') return { dtype: type, shape: dims, data: data as BigInt64Array };
  throw new RuntimeError(`The run gave no float32 or int64 tensor for output '${name}' but ${type ?? 'nothing'}.`);
}
