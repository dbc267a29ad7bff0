import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { closeImages, type TrainingImages } from 'ts-diffusion/data';
import { ConfigError } from 'ts-diffusion/errors';
import { type NetworkPaths, sha256Hex, shippedModel } from 'ts-diffusion/node';
import { parseConfig, type TrainConfig } from 'ts-diffusion/train';
import { loadSplits } from '../../input/splits.js';
import { givenConfig } from '../../options/config-options.js';
import { dataSchema } from '../../options/data-options.js';
import { keptNetworks } from '../../options/kept-networks.js';
import { withPictureProgress } from '../../output/picture-progress.js';
import { openOwnValidation, openTrainingImages } from '../../training/training-images.js';
import { keyOf } from '../../content-key.js';

/** Real images and the networks that scores are computed with, by their hashes. */
export interface Reference {
  readonly test: string;
  readonly train: string;
  /** Of the networks that scores are computed with: those trained for these images, or those of the package. */
  readonly networks: string;
}

/** Opens the data sets of a plan, each once. */
export class RealImages {
  readonly #training = new Map<string, TrainingImages>();
  readonly #validation = new Map<string, string | undefined>();
  readonly #references = new Map<string, Reference>();
  readonly #kept = new Map<Reference, NetworkPaths | undefined>();

  constructor(private readonly signal: AbortSignal) {}

  /** The images that a training learns. @throws DataError; the signal's reason when it is aborted */
  async training(config: TrainConfig, open?: TrainingImages): Promise<TrainingImages> {
    const key = keyOf('images', givenConfig(dataSchema, config));
    let images = this.#training.get(key);
    if (images === undefined) {
      images = open ?? (await openTrainingImages(config, this.signal));
      if (images === undefined) throw this.signal.reason;
      this.#training.set(key, images);
    } else if (open !== undefined && open !== images) closeImages(open);
    return images;
  }

  /**
   * SHA-256 of the validation images that the data bring along and a training uses; undefined where there are none.
   *
   * @param dataset the images that it learns
   * @throws DataError; the signal's reason when it is aborted
   */
  async validation(config: TrainConfig, dataset: TrainingImages): Promise<string | undefined> {
    const key = keyOf('images', [givenConfig(dataSchema, config), config.validation]);
    if (this.#validation.has(key)) return this.#validation.get(key);
    const images = await openOwnValidation(config, dataset, this.signal);
    this.signal.throwIfAborted();
    if (images) closeImages(images);
    this.#validation.set(key, images?.sha256);
    return images?.sha256;
  }

  /**
   * What images are scored against.
   *
   * @param fields of `dataSchema`, as `diffusion evaluate` is told or finds them in the configuration of the run
   * @param run what decides which images were held out, where the data have no test split
   */
  async reference(fields: object, run?: Pick<TrainConfig, 'validation' | 'seed'>): Promise<Reference> {
    const given = givenConfig(dataSchema, { ...fields });
    const common = keyOf('reference', given);
    const own = keyOf('reference', { given, validation: run?.validation, seed: run?.seed });
    const known = this.#references.get(common) ?? this.#references.get(own);
    if (known !== undefined) return known;
    const { data, offline, ...pictures } = parseConfig(dataSchema, given, 'options');
    const { train, test, trainedOn, networksOf } = await withPictureProgress((reports) =>
      loadSplits({ ...reports, directory: data, offline, pictures }, run),
    );
    this.signal.throwIfAborted();
    const reference = { test: test.sha256, train: train.sha256, networks: networksFor(networksOf) };
    this.#kept.set(reference, keptNetworks(networksOf));
    // With a test split of their own, data are the same whatever a run held out.
    this.#references.set(trainedOn === networksOf ? common : own, reference);
    return reference;
  }

  /** The networks that were made here for the images of a reference; undefined where it is scored with those of the package. */
  keptFor(reference: Reference): NetworkPaths | undefined {
    return this.#kept.get(reference);
  }

  close(): void {
    for (const images of this.#training.values()) closeImages(images);
    this.#training.clear();
  }
}

/** SHA-256 of the networks as `loadNetworks` chooses them. */
function networksFor(trainedOn: string): string {
  const kept = keptNetworks(trainedOn);
  const paths = kept ? [kept.evaluator, kept.featureNetwork, kept.secondFeatureNetwork] : networksOfPackage();
  try {
    return sha256Hex(...paths.map((path) => readFileSync(path)));
  } catch (error) {
    throw new ConfigError(`The networks behind the scores cannot be read (${(error as Error).message}).`, {
      cause: error,
    });
  }
}

/** They lie beside its models. */
function networksOfPackage(): readonly string[] {
  const folder = dirname(shippedModel().path);
  return ['evaluator', 'feature-network', 'second-feature-network'].map((name) => join(folder, `${name}.safetensors`));
}
