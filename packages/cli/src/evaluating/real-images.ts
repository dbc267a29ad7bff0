import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, EvaluationError } from 'ts-diffusion/errors';
import type { LoadDatasetOptions } from 'ts-diffusion/data';
import type { ScoredImages } from 'ts-diffusion/evaluation';
import type { TrainConfig } from 'ts-diffusion/train';
import { givenConfig } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { flagArguments } from '../options/schema-flags.js';
import { say } from '../output/say.js';
import type { RealImageFlags } from './evaluate-flags.js';

/** The images that samples are scored against. */
export interface RealImages {
  readonly reference: ScoredImages;
  readonly training: ScoredImages | null;
  /** `Dataset.sha256` of the training images, where they are those of a data set: what networks for them are kept by. */
  readonly trainedOn?: string;
  /** The same as `diffusion train` reads them, with those that are held out here. */
  readonly whole?: string;
  readonly classNames?: readonly string[] | undefined;
  /** What makes networks for these images. */
  readonly networkCommand: string;
}

/** Loads the images that the flags name. @throws DataError where there are none, ConfigError for `training` without `reference` */
export async function loadRealImages(flags: RealImageFlags): Promise<RealImages> {
  const { imagesOfDataset } = await import('ts-diffusion/evaluation');
  const { readScoredImages } = await import('ts-diffusion/node');
  if (flags.reference === undefined) {
    if (flags.training !== undefined) {
      throw new ConfigError(
        '--training goes with --reference: give both, or --data for a folder with a training and a test split.',
      );
    }
    const { loadSplits } = await import('../input/splits.js');
    const { withPictureProgress } = await import('../output/picture-progress.js');
    const { config, given, options } = await dataOfModel(flags);
    const networkCommand = ['diffusion train-evaluator', ...flagArguments(dataSchema, given)].join(' ');
    const { train, test, trainedOn, networksOf } = await withPictureProgress((reports) =>
      loadSplits({ ...reports, ...options }, config),
    );
    return {
      reference: imagesOfDataset(test),
      training: imagesOfDataset(train),
      trainedOn: networksOf,
      whole: trainedOn,
      classNames: train.classNames,
      networkCommand,
    };
  }
  return {
    reference: await readScoredImages(flags.reference, 'test', say),
    training: flags.training === undefined ? null : await readScoredImages(flags.training, 'train', say),
    networkCommand: 'diffusion train-evaluator --data FOLDER, then give --data FOLDER here in place of --reference',
  };
}

/** What images a model was trained on, and how they are read. */
interface DataOfModel {
  /** Of its run; undefined where other images are asked for. */
  readonly config: TrainConfig | undefined;
  /** Fields of `dataSchema`: those of the run, unless the flags say otherwise. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly options: Pick<LoadDatasetOptions, 'directory' | 'offline' | 'pictures'>;
}

/** The images of `--data`, or of what the run was trained on. @throws ConfigError for options that are not allowed */
export async function dataOfModel(flags: Pick<RealImageFlags, 'run' | 'data'>): Promise<DataOfModel> {
  const { parseConfig } = await import('ts-diffusion/train');
  const config = await configOfRun(flags);
  const given = { ...(config && givenConfig(dataSchema, config)), ...givenConfig(dataSchema, { ...flags }) };
  const { data, offline, ...pictures } = parseConfig(dataSchema, given, 'options');
  return { config, given, options: { directory: data, offline, pictures } };
}

/** The configuration of the run, which says what images its model was trained on; undefined where other images are asked for. */
async function configOfRun({ run, data }: Pick<RealImageFlags, 'run' | 'data'>): Promise<TrainConfig | undefined> {
  if (run === undefined || data !== undefined || !existsSync(join(run, 'config.json'))) return undefined;
  const { readTrainConfigFile } = await import('ts-diffusion/node');
  const { resolveTrainConfig } = await import('ts-diffusion/train');
  return resolveTrainConfig('paper', readTrainConfigFile(join(run, 'config.json')));
}

/**
 * What to warn of where the model was trained on other images than the real ones.
 *
 * @throws EvaluationError where the run says that these are its images
 */
export async function compareData(
  { trainedOn }: { readonly trainedOn?: string | undefined },
  { training, whole }: RealImages,
  { run, data }: RealImageFlags,
): Promise<string[]> {
  const { areKnownDigits } = await import('ts-diffusion/data');
  if (trainedOn === undefined || whole === undefined || trainedOn === whole) return [];
  if (areKnownDigits(trainedOn) && areKnownDigits(whole)) return [];
  const source = training?.source ?? '';
  if (run !== undefined && data === undefined) {
    throw new EvaluationError(
      `${run} was trained on images with the SHA-256 ${trainedOn.slice(0, 12)}, and ${source} now holds others (${whole.slice(0, 12)}). ` +
        'Put the former back, or give --data to score against other images.',
    );
  }
  return [`The model was trained on other images than ${source}: near-copies of those that it has seen are not found.`];
}
