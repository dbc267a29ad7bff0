import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 1000;

interface RedisError extends NodeJS.ErrnoException {
  readonly previousErrors?: readonly Error[];
}

/** Why a server does not do what it is asked to, though it may later. */
export type PassingTrouble = 'unreachable' | 'starting' | 'full' | 'read-only';

/** By the code of a system error or SQLSTATE, or by the message, which in Redis begins with a code. */
const troubles: readonly (readonly [PassingTrouble, RegExp, RegExp])[] = [
  ['full', /^53[12]00$/, /\bOOM command not allowed|\bMISCONF /],
  ['read-only', /^25006$/, /\b(READONLY|UNBLOCKED) |\bNOREPLICAS /],
  // NOSCRIPT: what the client takes for loaded was lost with the server's memory; it looks again within a minute.
  ['starting', /^57P03$/, /\b(LOADING|MASTERDOWN|NOSCRIPT) /],
  [
    'unreachable',
    /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_AGAIN)|57P0\d|08\d{3}|53300)/,
    /connection (is closed|terminated|ended|timeout)|timeout exceeded when trying to connect|command timed out/i,
  ],
];

/** Undefined for an error that waiting does not help. */
export function passingTrouble(error: unknown): PassingTrouble | undefined {
  // A transaction of Redis fails with the reasons of its commands beside it.
  const { code = '', message, previousErrors = [] } = error as RedisError;
  if (previousErrors.length > 0) return passingTrouble(previousErrors[0]);
  return troubles.find(([, codes, messages]) => codes.test(code) || messages.test(message))?.[0];
}

const isPassing = (error: unknown): boolean => passingTrouble(error) !== undefined;

/**
 * Does something at the server, again each second while that cannot be reached or takes no changes.
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
