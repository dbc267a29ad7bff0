import { setTimeout as delay } from 'node:timers/promises';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;

/** A failure that may pass: the server restarts, a connection broke. */
export class PassingError extends Error {
  override readonly name = 'PassingError';

  /** @param reason what is thrown when the patience is at its end */
  constructor(readonly reason: Error) {
    super(reason.message, { cause: reason });
  }
}

/**
 * Tries again what throws `PassingError`, after 0.2 s, 0.4 s, ... up to 10 s, each shortened at random so that many workers do not come
 * back at once.
 *
 * @param patienceMs no new attempt begins later than this after the first failure
 * @throws the reason of the last PassingError; every other error at once; the signal's reason
 */
export async function patiently<T>(action: () => Promise<T>, patienceMs: number, signal?: AbortSignal): Promise<T> {
  let end: number | undefined;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingError)) throw error;
      const now = performance.now();
      end ??= now + patienceMs;
      const pause = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
      if (now + pause > end) throw error.reason;
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}
