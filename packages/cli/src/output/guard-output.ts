import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import { writeError } from 'ts-diffusion/node';
import { reportError } from './report-error.js';

/**
 * What a command does once its standard output cannot be written: `stop` at once, where the output is the result; `finish`
 * the files it writes, then exit as `stop` does; `ignore` it: training goes on, whoever looks.
 */
export type LostOutput = 'stop' | 'finish' | 'ignore';

/** Nobody reads any more: the pipe or the terminal is closed. */
const CLOSED = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** How a shell reports a program that SIGPIPE ended. */
const CLOSED_PIPE_EXIT_CODE = 128 + 13;

/**
 * Takes the failures of the standard streams, which would otherwise end the process with a stack. Standard error has only
 * messages: losing it never matters. Losing standard output ends as in a Unix program, with 141 for a closed pipe or
 * terminal, and with one sentence and 1 for anything else, such as a full disk.
 */
export function guardOutput(whenLost: LostOutput): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  let exitCode: number | undefined;
  const lose = (error: NodeJS.ErrnoException): void => {
    if (exitCode !== undefined) return;
    exitCode = CLOSED.has(error.code ?? '') ? CLOSED_PIPE_EXIT_CODE : reportError(writeError('standard output', error));
    if (whenLost === 'stop') process.exit(exitCode);
  };
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', lose);
  process.on('exit', (code) => {
    // A command that exits right after it has written leaves no time for the event.
    if (process.stdout.errored) lose(process.stdout.errored);
    if (code === 0 && exitCode !== undefined && whenLost !== 'ignore') process.exitCode = exitCode;
    for (const descriptor of terminals) if (!isatty(descriptor)) leave(descriptor);
  });
}

/** Node restores the settings of its terminal at the end, and aborts where that is gone but for another file in its place. */
function leave(descriptor: number): void {
  closeSync(descriptor);
  openSync(devNull, 'r+'); // takes the lowest free descriptor: this one
}
