/**
 * Runs the command line again and again in one process, which a run after each of hundreds of crashes can afford: for each
 * message with arguments one run of the program given as first argument, answered by what it printed and its exit code.
 */
import { pathToFileURL } from 'node:url';
import { steadyClock } from './steady-clock.js';

export interface CommandResult {
  readonly code: number;
  /** All that went to standard error. */
  readonly text: string;
}

const [main = ''] = process.argv.slice(2);
const address = pathToFileURL(main).href;
let runs = 0;

async function run(args: readonly string[]): Promise<CommandResult> {
  let text = '';
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: string | Uint8Array): boolean => {
    text += chunk.toString();
    return true;
  };
  process.argv.splice(2, Infinity, ...args);
  process.exitCode = 0;
  steadyClock();
  // Another query is another instance of this module; those that it imports are shared.
  await import(`${address}?${++runs}`);
  process.stderr.write = write;
  const code = exitCode();
  process.exitCode = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit']) process.removeAllListeners(name);
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  return { code, text };
}

const exitCode = (): number => Number(process.exitCode ?? 0);

process.on('message', (args: readonly string[]) => {
  void run(args).then((result) => process.send?.(result));
});
