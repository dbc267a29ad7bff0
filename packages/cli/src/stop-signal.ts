import { say } from './output/say.js';

/** A terminal that closes asks for the same as Ctrl-C does. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Longer than a checkpoint takes to write: a second Ctrl-C within this time waits for it. */
const PATIENCE_MS = 10_000;

/** The exit code of a command that was stopped with its work kept. */
export const STOPPED = 130;

/**
 * A signal that the first Ctrl-C (SIGINT), SIGTERM or SIGHUP aborts: a download stops, a training finishes its step and writes
 * a checkpoint. Further ones change nothing, but for a Ctrl-C after ten seconds, which ends the process at once.
 *
 * @param intention what happens now, told the user
 */
export function stopOnSignal(intention = 'Stopping after the current step, which is saved first.'): AbortSignal {
  const controller = new AbortController();
  let asked = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        asked = performance.now();
        say(`\n${intention}`);
        controller.abort();
      } else if (name === 'SIGINT') {
        if (performance.now() - asked > PATIENCE_MS) process.exit(STOPPED);
        say(
          `Still stopping. Ctrl-C after ${PATIENCE_MS / 1000} seconds ends the program at once and loses unsaved work.`,
        );
      }
    });
  }
  return controller.signal;
}
