import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { DataError } from 'ts-diffusion/errors';
import { readTrainConfigFile } from 'ts-diffusion/node';
import type { TrainConfig } from 'ts-diffusion/train';
import type { Task } from '../sweep/running/task.js';
import { type ArtifactStore, StaleWriterError } from './artifact-store.js';
import { Claim, type LocalFile } from './claim.js';
import { eachOf } from './each-of.js';
import { filesOf } from './local-files.js';
import { readPublished } from './published.js';
import { isTraining, withInputs } from './task-files.js';
import { hashFile } from './verified-file.js';

/** Hexadecimal digits of the name of a data set or model. */
const DIGITS = 16;
const FOLDER = 'inputs';

/** Something of the coordinator's machine that tasks read. */
interface Input {
  /** By its content. */
  readonly key: string;
  /** Where it is in the folder of a worker, as seen from there. */
  readonly path: string;
  readonly files: readonly LocalFile[];
}

/**
 * What tasks read that no task makes: configurations of trainings, and data sets and models that are files of the coordinator's machine.
 * These have other paths on a worker, by their content: `inputs/HASH`.
 */
export class SweepInputs {
  readonly #inputs = new Map<string, Promise<Input>>();
  readonly #sending = new Map<string, Promise<void>>();

  /** @param folder of the sweep */
  constructor(
    private readonly store: ArtifactStore,
    private readonly folder: string,
  ) {}

  /**
   * Publishes what a task reads, where it is not there.
   *
   * @returns the task with the paths that its inputs have on a worker
   * @throws DataError where a data set or model is not there
   */
  async send(task: Task): Promise<Task> {
    const keys = new Set<string>();
    const send = async (path: string): Promise<string> => {
      const input = await this.#input(path);
      await this.#publish(input.key, input.files);
      keys.add(input.key);
      return input.path;
    };
    const places = new Map<string, string>();
    for (const path of localPaths(task.command)) places.set(path, await send(path));
    const config = this.#configOf(task);
    if (config !== undefined) {
      const { data, initialWeights } = config.values;
      const moved = {
        ...config.values,
        ...(data !== undefined && isAbsolute(data) && { data: await send(data) }),
        ...(initialWeights !== undefined &&
          isAbsolute(initialWeights) && { initialWeights: await send(initialWeights) }),
      };
      if (isTraining(task)) keys.add(await this.#sendConfig(config.path, `${JSON.stringify(moved, undefined, 2)}\n`));
    }
    const command = withInputs(task.command, (path) => places.get(path) ?? path);
    return { ...task, command, inputs: [...keys] };
  }

  /** The configuration of the run that a task trains, or draws from. */
  #configOf({ command }: Task): { readonly path: string; readonly values: Partial<TrainConfig> } | undefined {
    const run = command[command.indexOf('--run') + 1];
    if (!command.includes('--run') || run === undefined || command[0] === 'sample') return undefined;
    const path = `${run}/config.json`;
    if (!existsSync(join(this.folder, path))) return undefined;
    return { path, values: readTrainConfigFile(join(this.folder, path)) };
  }

  async #sendConfig(path: string, text: string): Promise<string> {
    const key = `config-${createHash('sha256').update(text).digest('hex').slice(0, DIGITS)}`;
    const made = await mkdtemp(join(tmpdir(), 'diffusion-config-'));
    try {
      const at = join(made, 'config.json');
      await writeFile(at, text);
      await this.#publish(key, [{ at, path }]);
    } finally {
      await rm(made, { recursive: true, force: true });
    }
    return key;
  }

  /** Tasks that begin at the same moment need the same inputs: the first sends them. */
  #publish(key: string, files: readonly LocalFile[]): Promise<void> {
    const sending = this.#sending.get(key) ?? this.#send(key, files).finally(() => this.#sending.delete(key));
    this.#sending.set(key, sending);
    return sending;
  }

  async #send(key: string, files: readonly LocalFile[]): Promise<void> {
    for (;;) {
      if ((await readPublished(this.store, key))?.finished === true) return;
      try {
        const claim = await Claim.take(this.store, key);
        await claim.publish(files, true);
        return;
      } catch (error) {
        // Another coordinator sends the same.
        if (!(error instanceof StaleWriterError)) throw error;
      }
    }
  }

  #input(path: string): Promise<Input> {
    const known = this.#inputs.get(path);
    if (known !== undefined) return known;
    const input = describe(path);
    this.#inputs.set(path, input);
    return input;
  }
}

/** Paths of this machine in a command. */
function localPaths(command: readonly string[]): string[] {
  const paths: string[] = [];
  withInputs(command, (path) => {
    if (isAbsolute(path)) paths.push(path);
    return path;
  });
  return paths;
}

/** @throws DataError where there is nothing at a path */
async function describe(path: string): Promise<Input> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new DataError(`${path} is not there any more; put it back.`);
  const folder = info.isDirectory() ? path : dirname(path);
  const names = info.isDirectory() ? await filesOf(path, await readdir(path)) : await withCompanions(path);
  const hashes = await eachOf(names, async (name) => `${name} ${(await hashFile(join(folder, name))).sha256}\n`);
  const hash = createHash('sha256').update(hashes.join('')).digest('hex').slice(0, DIGITS);
  const root = `${FOLDER}/${hash}`;
  return {
    key: `input-${hash}`,
    path: info.isDirectory() ? root : `${root}/${basename(path)}`,
    files: names.map((name) => ({ at: join(folder, name), path: `${root}/${name}` })),
  };
}

/** One file; of CIFAR's all, since one names them. */
async function withCompanions(path: string): Promise<string[]> {
  if (extname(path) !== '.bin') return [basename(path)];
  return (await readdir(dirname(path))).filter((name) => extname(name) === '.bin').sort();
}
