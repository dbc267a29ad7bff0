import { RuntimeError, UserError } from 'ts-diffusion/errors';

/**
 * Prints an error on stderr and returns the exit code. Errors meant for the user are one line, `error: …`; anything
 * else is a defect of this program and says so. The stack follows only with the environment variable DEBUG.
 */
export function reportError(error: unknown): number {
  const debug = process.env['DEBUG'] !== undefined && process.env['DEBUG'] !== '';
  const expected = error instanceof UserError || error instanceof RuntimeError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${expected ? '' : 'unexpected: '}${message}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  else if (!expected) process.stderr.write('Set DEBUG=1 to print the stack trace.\n');
  return error instanceof UserError ? error.exitCode : 1;
}
