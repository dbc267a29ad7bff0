import { RuntimeError, UserError } from 'ts-diffusion/errors';
import { say } from './say.js';

/**
 * Prints an error on stderr and returns the exit code. Errors meant for the user are one line, `error: …`; anything
 * else is a defect of this program and says so. The stack follows only with the environment variable DEBUG.
 */
export function reportError(error: unknown): number {
  const debug = process.env['DEBUG'] !== undefined && process.env['DEBUG'] !== '';
  const expected = error instanceof UserError || error instanceof RuntimeError;
  const message = error instanceof Error ? error.message : String(error);
  say(`error: ${expected ? '' : 'unexpected: '}${message}`);
  if (debug && error instanceof Error) say(error.stack ?? '');
  else if (!expected) say('Set DEBUG=1 to print the stack trace.');
  return error instanceof UserError ? error.exitCode : 1;
}
