import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchErrors } from '../output/child-errors.js';
import { RequestError } from './errors.js';
import { lowerPriority } from './lower-priority.js';
import { modifiedAt } from './run-files.js';

/** What is known of the training of a run that this server started. */
export interface Training {
  readonly alive: boolean;
  /** Why the process failed. */
  readonly error?: string;
}

interface Failure {
  readonly error: string;
  readonly folder: string;
  /** The state of the folder in which the process left it. */
  readonly left: string;
}

/** Another one when the run has been trained. */
const stateOf = (folder: string): string =>
  ['config.json', 'metrics.jsonl', 'checkpoint.safetensors'].map((file) => modifiedAt(join(folder, file))).join();

/** Each takes every core it is given; more at once only slow one another down. */
const AT_ONCE = 2;

/** The trainings started from the page: one child process each, since a training step blocks the event loop. */
export class Trainings {
  readonly #children = new Map<string, ChildProcess>();
  readonly #failures = new Map<string, Failure>();
  /** Those asked to stop. */
  readonly #stopping = new Set<ChildProcess>();

  /** @param cli the command line's `main.js` */
  constructor(private readonly cli: string) {}

  of(run: string): Training | undefined {
    if (this.#children.has(run)) return { alive: true };
    const failure = this.#failures.get(run);
    if (failure === undefined) return undefined;
    const { error, folder, left } = failure;
    if (stateOf(folder) === left) return { alive: false, error };
    // Somebody else has trained it since.
    this.#failures.delete(run);
    return undefined;
  }

  /** Trains a new run in `folder` by this configuration. @throws RequestError (429) when enough are at work */
  start(run: string, folder: string, preset: string, config: object): void {
    this.#checkRoom(run);
    // A folder of its own that no other user can enter: neither another start nor another program shares the file.
    const own = mkdtempSync(join(tmpdir(), 'diffusion-studio-'));
    const file = join(own, 'config.json');
    const remove = (): void => {
      rmSync(own, { recursive: true, force: true });
    };
    try {
      writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
      this.#spawn(run, folder, ['--run', folder, '--preset', preset, '--config', file], remove);
    } catch (error) {
      remove();
      throw error;
    }
  }

  /** Goes on with a run. @throws RequestError (429) when enough are at work */
  resume(run: string, folder: string, steps: number | undefined): void {
    this.#spawn(run, folder, ['--run', folder, '--resume', ...(steps === undefined ? [] : ['--steps', String(steps)])]);
  }

  /**
   * Asks the process to finish its step and write a checkpoint; asked again, it is not disturbed.
   *
   * @throws RequestError (409) where it is not ours
   */
  stop(run: string): void {
    const child = this.#children.get(run);
    if (child === undefined) {
      throw new RequestError(
        409,
        `This server did not start the training of ${run}. Stop it where it was started (Ctrl-C).`,
      );
    }
    this.#askToStop(child);
  }

  /** Stops all and waits for their checkpoints. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#children.values()].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once('close', () => {
              resolve();
            });
            this.#askToStop(child);
          }),
      ),
    );
  }

  #askToStop(child: ChildProcess): void {
    if (this.#stopping.has(child)) return;
    this.#stopping.add(child);
    child.kill('SIGINT');
  }

  /** @throws RequestError: 409 when the run is being trained, 429 when enough are at work */
  #checkRoom(run: string): void {
    if (this.#children.has(run)) throw new RequestError(409, `${run} is already training.`);
    if (this.#children.size >= AT_ONCE) {
      throw new RequestError(429, `${AT_ONCE} training runs are active, the most allowed. Stop one of them first.`);
    }
  }

  #spawn(run: string, folder: string, options: readonly string[], onEnd?: () => void): void {
    this.#checkRoom(run);
    const child = spawn(process.execPath, [this.cli, 'train', ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its own process group: a terminal's Ctrl-C reaches this server alone, which passes it on once.
      detached: true,
      windowsHide: true,
    });
    this.#children.set(run, child);
    this.#failures.delete(run);
    lowerPriority(child);
    const reason = watchErrors(child.stderr);
    let broken: string | undefined;
    child.once('error', ({ message }) => (broken = message));
    child.once('close', (code, signal) => {
      this.#children.delete(run);
      this.#stopping.delete(child);
      onEnd?.();
      const interrupted = code === 130 || signal === 'SIGINT';
      if (code !== 0 && !interrupted) {
        const error = broken ?? reason() ?? `The training process ended (${signal ?? `exit code ${code}`}).`;
        this.#failures.set(run, { error, folder, left: stateOf(folder) });
      }
    });
  }
}
