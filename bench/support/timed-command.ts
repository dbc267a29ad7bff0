import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a command printed, and the processor time of its process and of those it waited for, s. */
export interface TimedOutput {
  readonly output: string;
  readonly seconds: number;
}

/** Runs a command to its end, timed by bash. @throws Error where its exit code is not 0 */
export async function timedOutput(command: readonly string[]): Promise<TimedOutput> {
  const timing = ['-c', 'TIMEFORMAT="%U %S"; time "$0" "$@" 2> /dev/null', ...command];
  const child = spawn('bash', timing, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, times]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (part: Buffer) => output.push(part));
  child.stderr.on('data', (part: Buffer) => times.push(part));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${command.join(' ')}: exit code ${code}`);
  const [user = NaN, system = NaN] = Buffer.concat(times).toString().trim().split(' ').map(Number);
  return { output: Buffer.concat(output).toString(), seconds: user + system };
}
