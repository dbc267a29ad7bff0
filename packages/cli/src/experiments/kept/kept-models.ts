import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { ConfigError } from 'ts-diffusion/errors';
import { sha256Hex } from 'ts-diffusion/node';
import { type KeptTraining, keptName } from './kept-name.js';
import { type KeptReceipt, readKeptReceipt } from './kept-receipt.js';

/** A model that a training of a study left. */
export interface KeptModel {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly receipt: KeptReceipt;
}

/** A folder of kept models, as `KeepModels` writes it. Each model is read and checked once. */
export class KeptModels {
  readonly #models = new Map<string, KeptModel | undefined>();

  /** @throws ConfigError where there is no such folder */
  constructor(readonly path: string) {
    if (!existsSync(path)) throw new ConfigError(`${path}: there is no such folder of kept models.`);
  }

  /**
   * The model of a training; undefined where it is not there.
   *
   * @throws ConfigError for one that is damaged, has no receipt, or is of another training than its name says
   */
  of(training: KeptTraining): KeptModel | undefined {
    const name = keptName(training);
    if (!this.#models.has(name)) this.#models.set(name, this.#read(name, training));
    return this.#models.get(name);
  }

  #read(name: string, training: KeptTraining): KeptModel | undefined {
    const path = resolve(this.path, `${name}.safetensors`);
    if (!existsSync(path)) return undefined;
    const place = join(this.path, `${name}.json`);
    const receipt = readKeptReceipt(place);
    if (receipt === undefined) {
      throw new ConfigError(`${path}: the receipt ${name}.json is missing beside it, so that nobody knows what it is.`);
    }
    if (sha256Hex(readFileSync(path)) !== receipt.sha256) {
      throw new ConfigError(`${path}: its SHA-256 is not that of its receipt ${name}.json; copy or train it again.`);
    }
    const field = Object.keys(training).find(
      (each) => receipt.config[each] !== (training as unknown as Record<string, unknown>)[each],
    );
    if (field !== undefined) {
      throw new ConfigError(
        `${place}: ${field} is ${JSON.stringify(receipt.config[field])}, which is not that of ${name}.`,
      );
    }
    return { name, path, receipt };
  }
}

/** The path of a kept model as seen from the folder of a study, in which commands run, with `/` on every system. */
export const seenFrom = (folder: string, { path }: KeptModel): string =>
  relative(resolve(folder), path).split(sep).join('/');
