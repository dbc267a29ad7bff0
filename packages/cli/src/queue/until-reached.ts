import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 1000;
/** SQLSTATE classes of a server that shuts down, starts, or has no connection left. */
const PASSING = /^(57P0\d|08\d{3}|53300)$/;

/** Whether an error is of a connection, which may come back. */
export function isPassing(error: unknown): boolean {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return (
    /^E(CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(code) ||
    PASSING.test(code) ||
    /connection (is closed|terminated|ended|timeout)|timeout exceeded when trying to connect|LOADING|command timed out/i.test(
      message,
    )
  );
}

/**
 * Does something at the server, again each second while that cannot be reached.
 *
 * @param onTrouble told each time
 * @throws the signal's reason once it is aborted, at the next failure
 */
export async function untilReached<T>(
  action: () => Promise<T>,
  onTrouble: (error: Error) => void,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      onTrouble(error as Error);
      await delay(INTERVAL_MS, undefined, { signal });
    }
  }
}
