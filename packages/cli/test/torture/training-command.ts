import { buildSync } from 'esbuild';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath } from '../commands/run-cli.js';
import { writeTinyData } from '../tiny-data.js';
import { layerVariables, type Death, type Operation } from './operations.js';
import type { CommandResult } from './resumer.js';

/**
 * A training of a tiny network: steps enough for several checkpoints, validation losses and sample grids, at the same steps and at
 * others.
 */
const TRAINING = [
  ...['--channels', '4,8', '--patch-size', '2', '--timesteps', '2', '--batch-size', '4', '--threads', '1'],
  ...[
    '--steps',
    '12',
    '--checkpoint-every',
    '3',
    '--log-every',
    '2',
    '--sample-every',
    '4',
    '--samples-per-class',
    '1',
  ],
  ...['--validation', '10', '--validate-every', '2', '--ema-decay', '0', '--tensorboard'],
];
export const CHECKPOINT_EVERY = 3;

/** What the tortured trainings share: their images, and the programs that they are started by. */
export class TrainingCommand {
  readonly #layer: string;
  readonly #resumer: string;
  readonly #data: string;

  /** @param folder where to put them */
  constructor(folder: string) {
    this.#layer = bundle('file-layer', folder);
    this.#resumer = bundle('resumer', folder);
    this.#data = join(folder, 'data');
    writeTinyData(this.#data);
  }

  /** The command line that begins the run in a folder. */
  begin(run: string): string[] {
    return ['train', '--run', run, '--data', this.#data, ...TRAINING];
  }

  /** The command line that goes on with it. */
  resume(run: string): string[] {
    return ['train', '--run', run, '--resume'];
  }

  /** Runs a command under the file layer over `folder` to its end. @returns its operations and its messages */
  async record(folder: string, args: readonly string[]): Promise<{ log: readonly Operation[]; text: string }> {
    const file = join(folder, '..', 'log.json');
    const { child, text } = this.#spawn(args, { [layerVariables.folder]: folder, [layerVariables.log]: file });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the training that is recorded failed: ${text()}`);
    return { log: JSON.parse(readFileSync(file, 'utf8')) as Operation[], text: text() };
  }

  /** Runs a command that kills itself. @returns what it ended with instead, where it did not */
  async kill(folder: string, args: readonly string[], death: Death): Promise<string | undefined> {
    const environment = { [layerVariables.folder]: folder, [layerVariables.death]: JSON.stringify(death) };
    const { child, text } = this.#spawn(args, environment);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return signal === 'SIGKILL' ? undefined : `ended with ${signal ?? `exit code ${code}`} before its death: ${text()}`;
  }

  resumer(): Resumer {
    return new Resumer(this.#resumer);
  }

  #spawn(args: readonly string[], environment: NodeJS.ProcessEnv): { child: ChildProcess; text: () => string } {
    const child = spawn(process.execPath, ['--import', this.#layer, cliPath, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { child, text: () => text };
  }
}

/** A process that runs one command after the other. */
export class Resumer {
  readonly #child: ChildProcess;

  constructor(program: string) {
    this.#child = fork(program, [cliPath], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** @throws Error when the process ends instead of answering */
  run(args: readonly string[]): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null): void => {
        reject(new Error(`the process that resumes ended with ${signal ?? `exit code ${code}`}: ${args.join(' ')}`));
      };
      this.#child.once('exit', onExit);
      this.#child.once('message', (result: CommandResult) => {
        this.#child.off('exit', onExit);
        resolve(result);
      });
      this.#child.send(args);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

function bundle(name: string, folder: string): string {
  const outfile = join(folder, `${name}.mjs`);
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' });
  return outfile;
}
