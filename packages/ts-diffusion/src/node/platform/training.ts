import { checkSameRun } from '../../training/resume.js';
import { IMAGES } from '../../training/presets.js';
import { parseConfig } from '../../utils/parse-config.js';
import { continuedTrainConfig } from '../../training/resolve-config.js';
import { trainConfigSchema, type TrainConfig } from '../../training/config.js';
import { pictureOptions } from '../../training/picture-options.js';
import { closeImages, type TrainingImages } from '../../data/dataset.js';
import { ConfigError } from '../../utils/errors.js';
import type { Checkpoint } from '../../training/checkpoint-format.js';
import type { Train } from '../../worker/messages.js';
import type { OpenedTraining } from '../../worker/opened-training.js';
import { trainingConfig } from '../../worker/training-config.js';
import { openValidation } from '../data/open-validation.js';
import { openImages } from '../data/sources.js';
import { pinHubAddress } from '../hub/download-repository.js';
import { isHubAddress } from '../hub/hub-address.js';
import { hasTrained, RunFolder } from '../training/run-folder.js';
import { readModel } from './model-source.js';

/**
 * Makes everything ready for a training in Node: opens the run folder, if there is to be one, and loads images and initial weights.
 *
 * @throws ConfigError for a configuration that is not valid or another run's, CheckpointError for a checkpoint or initial weights
 *   that cannot be used, RunFolderError for a folder that cannot be used, DataError where there are no images
 */
export async function openTraining(asked: Train, signal: AbortSignal): Promise<OpenedTraining> {
  const input = await withPinnedData(asked, signal);
  const known = input.dataset ?? (chooses(input) ? await openDataset(readFields(input), signal) : undefined);
  let opened = known;
  let folder: RunFolder | undefined;
  try {
    const { config, resume, ...run } = openRun(input, known);
    folder = run.folder;
    const begins = resume === undefined ? config.initialWeights : undefined;
    const initialWeights = begins === undefined ? undefined : (await readModel(begins, { signal })).model;
    const { data: directory, offline } = config;
    const wanted = { split: 'train', directory, offline, pictures: pictureOptions(config), signal } as const;
    const dataset = known ?? (await openDataset(config, signal));
    opened = dataset;
    const hasOwn = input.dataset === undefined && config.validation === undefined;
    const validation = hasOwn ? await openValidation(dataset, wanted) : undefined;
    const close = (): void => {
      closeImages(dataset);
      if (validation) closeImages(validation);
      run.folder?.close();
    };
    return { config, dataset, validation, resume, initialWeights, folder, close };
  } catch (error) {
    if (opened) closeImages(opened);
    folder?.close();
    throw error;
  }
}

/** With the commit of a data set of the Hub, so that the run's `config.json` names the same images for ever. */
async function withPinnedData(input: Train, signal: AbortSignal): Promise<Train> {
  const { data, offline } = input.config;
  if (data === undefined || input.dataset !== undefined || !isHubAddress(data)) return input;
  return {
    ...input,
    config: { ...input.config, data: await pinHubAddress(data, { kind: 'dataset', offline, signal }) },
  };
}

interface OpenRun {
  readonly folder: RunFolder | undefined;
  readonly config: TrainConfig;
  readonly resume: Checkpoint | undefined;
}

/** Whether a network is to be chosen for the images, so that these are opened first. */
function chooses({ preset, checkpoint, runFolder }: Train): boolean {
  return preset === IMAGES && checkpoint === undefined && (runFolder === undefined || !hasTrained(runFolder));
}

/** The fields of a configuration whose preset is not known yet. */
const readFields = ({ config }: Train): TrainConfig => parseConfig(trainConfigSchema, config, 'training configuration');

function openDataset(config: TrainConfig, signal: AbortSignal): Promise<TrainingImages> {
  const { data: directory, offline } = config;
  return openImages({ split: 'train', directory, offline, pictures: pictureOptions(config), signal });
}

function openRun(input: Train, images: TrainingImages | undefined): OpenRun {
  const { runFolder, checkpoint, config: changes } = input;
  if (runFolder === undefined) return { folder: undefined, ...trainingConfig(input, images) };
  if (checkpoint !== undefined) {
    throw new ConfigError('Give a run folder or a checkpoint to resume from, not both.');
  }
  if (!hasTrained(runFolder)) {
    const { config, resume } = trainingConfig(input, images);
    return { folder: RunFolder.create(runFolder, config), config, resume };
  }
  const folder = RunFolder.resume(runFolder);
  try {
    const resume = folder.hasCheckpoint ? folder.readCheckpoint() : undefined;
    const config = continuedTrainConfig(folder.readConfig() ?? resume?.config ?? {}, changes);
    if (resume !== undefined) checkSameRun(resume, config);
    folder.saveConfig(config);
    return { folder, config, resume };
  } catch (error) {
    folder.close();
    throw error;
  }
}
