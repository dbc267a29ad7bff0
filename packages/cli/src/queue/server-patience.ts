import { setTimeout as delay } from 'node:timers/promises';
import { untilReached } from './until-reached.js';

const INTERVAL_MS = 200;
/** How long a coordinator that is to stop waits for a server that does not answer. */
const LAST_WAIT_MS = 3000;

/** Thrown where a server was not reached before the end. */
export class ServerGoneError extends Error {
  override readonly name = 'ServerGoneError';
}

/** Waits for a server as long as it takes; once the work is to stop, for some seconds only. */
export class ServerPatience {
  readonly #end = new AbortController();
  #answeredAt = 0;

  /** @param hide removes passwords from what the server says */
  constructor(
    private readonly onTrouble: (error: Error) => void,
    private readonly hide: (message: string) => string,
  ) {}

  /** Whether it was given up: everything that is still asked of the server is in vain. */
  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** @param stop aborted when the work is to stop @throws ServerGoneError once the server has not answered anything for seconds after that */
  async ask<T>(action: () => Promise<T>, stop: AbortSignal): Promise<T> {
    const isAnswered = new AbortController();
    try {
      const answer = await Promise.race([
        untilReached(action, this.onTrouble, this.#end.signal),
        this.#untilOver(stop, isAnswered.signal),
      ]);
      this.#answeredAt = performance.now();
      return answer;
    } catch (error) {
      if (this.isOver) throw new ServerGoneError();
      if (error instanceof Error) error.message = this.hide(error.message);
      throw error;
    } finally {
      isAnswered.abort();
    }
  }

  async #untilOver(stop: AbortSignal, isAnswered: AbortSignal): Promise<never> {
    let since = Infinity;
    while (!this.isOver && !isAnswered.aborted) {
      await delay(INTERVAL_MS, undefined, { signal: isAnswered }).catch(() => undefined);
      if (!stop.aborted) continue;
      since = Math.min(since, performance.now());
      if (performance.now() - Math.max(since, this.#answeredAt) > LAST_WAIT_MS) this.#end.abort();
    }
    throw new ServerGoneError();
  }
}
