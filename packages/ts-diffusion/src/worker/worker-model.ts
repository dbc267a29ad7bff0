import { DisposedError } from '../utils/errors.js';
import type { WorkerClient } from './worker-client.js';

let lastKey = 0;

/**
 * Something that a worker has loaded for a caller, and loads again where the worker is another one: it was ended or it crashed.
 */
export class WorkerModel<Opened> {
  readonly #client: WorkerClient;
  readonly #what: string;
  readonly #open: (key: number, signal: AbortSignal | undefined) => Promise<Opened>;
  /** Under which the worker has it. */
  readonly key = ++lastKey;
  #opened: { readonly generation: number; readonly result: Promise<Opened> } | undefined;
  #closed = false;

  /** @param what it is, for the error: `The pipeline` */
  constructor(
    client: WorkerClient,
    what: string,
    open: (key: number, signal: AbortSignal | undefined) => Promise<Opened>,
  ) {
    this.#client = client;
    this.#what = what;
    this.#open = open;
  }

  /** @throws DisposedError after `close` */
  refuseIfClosed(): void {
    if (this.#closed) throw DisposedError.of(this.#what, 'load it again');
  }

  /** Sees to it that the present worker has it. */
  async ready(signal?: AbortSignal): Promise<Opened> {
    this.refuseIfClosed();
    if (this.#opened?.generation === this.#client.generation) return await this.#opened.result;
    const opened = { generation: this.#client.generation, result: this.#open(this.key, signal) };
    this.#opened = opened;
    opened.result.catch(() => {
      if (this.#opened === opened) this.#opened = undefined;
    });
    return await opened.result;
  }

  /** Lets the worker forget it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#opened?.generation !== this.#client.generation) return;
    this.#client.call('close', { key: this.key }).catch(() => undefined);
  }
}
