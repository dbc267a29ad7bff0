import type { TrainConfig } from './config.js';
import type { TrainingImages } from '../data/dataset.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import { CheckpointError, ConfigError } from '../utils/errors.js';
import type { Checkpoint } from './checkpoint-format.js';
import { RunFolderError } from './errors.js';
import { count, options, signature } from '../utils/arguments.js';
import { trainConfig } from '../utils/training-shapes.js';

/** The fields that may differ when a run is resumed: they do not change what a step computes, or extend the run. */
const resumableFields: ReadonlySet<string> = new Set<keyof TrainConfig>([
  'steps',
  'device',
  'threads',
  'data',
  'offline',
  'skipBroken',
  'logEvery',
  'checkpointEvery',
  'sampleEvery',
  'validateEvery',
  'evaluateEvery',
  'evaluateSamples',
  'tensorboard',
  'samplesPerClass',
  'sampler',
  'samplingSteps',
  'spacing',
  'guidanceWeight',
  'toneCurve',
  'maxMinutes',
]);

const decidingFieldsArguments = signature('decidingFields', { config: trainConfig });

/** What of a configuration decides the weights after each step: the fields that no resumed run may change, and `steps`. */
export function decidingFields(config: TrainConfig): Partial<TrainConfig> {
  decidingFieldsArguments({ config });
  return Object.fromEntries(Object.entries(config).filter(([name]) => name === 'steps' || !resumableFields.has(name)));
}

const checkSameRunArguments = signature('checkSameRun', {
  checkpoint: options({ config: trainConfig, step: count }),
  config: trainConfig,
});

/**
 * Makes sure that a run continued from `checkpoint` with `config` is the run that the checkpoint is of. Other threads or
 * another device sum in another order, so the weights then agree with those of an uninterrupted run up to rounding instead
 * of to the bit.
 *
 * @throws ConfigError naming the field that makes it a different run, and both values
 */
export function checkSameRun(checkpoint: Pick<Checkpoint, 'config' | 'step'>, config: TrainConfig): void {
  checkSameRunArguments({ checkpoint, config });
  const { config: earlier, step } = checkpoint;
  const field = firstDifference(earlier, config, (each) => !resumableFields.has(each));
  if (field !== undefined) {
    throw new ConfigError(
      `"${field}" is ${inWords(earlier[field])} in this run and cannot become ${inWords(config[field])} ` +
        `when it is resumed. Start a new run for that; a resumed run may change: ${[...resumableFields].join(', ')}.`,
    );
  }
  if (config.steps < step) {
    throw new ConfigError(
      `"steps" is ${config.steps}, but the run to resume has already taken ${step} steps. Give more, or start a new run.`,
    );
  }
}

const inWords = (value: unknown): string => (value === undefined ? 'not set' : JSON.stringify(value));

/** @throws RunFolderError when the checkpoint was trained on other images */
export function checkSameData({ data }: Pick<Checkpoint, 'data'>, dataset: TrainingImages): void {
  if (data.sha256 === dataset.sha256) return;
  throw new RunFolderError(
    `The run to resume was trained on other images: ${data.source} (SHA-256 ${data.sha256.slice(0, 12)}), ` +
      `now ${dataset.source} (${dataset.sha256.slice(0, 12)}). Give the former with --data, or start a new run.`,
  );
}

/** @throws CheckpointError when the checkpoint holds the weights of another network, naming the field and both values */
export function checkSameModel(
  { model: earlier, step }: Pick<Checkpoint, 'model' | 'step'>,
  model: DenoiserConfig,
): void {
  const field = firstDifference(earlier, model);
  if (field === undefined) return;
  throw new CheckpointError(
    `The network in the checkpoint of step ${step} has "${field}" ${JSON.stringify(earlier[field])}, ` +
      `this run's has ${JSON.stringify(model[field])}. Start a new run for another network.`,
  );
}

/** The first field whose values differ; undefined when there is none. */
export function firstDifference<T extends object>(
  earlier: T,
  present: T,
  matters: (field: string) => boolean = () => true,
): (keyof T & string) | undefined {
  const fields = new Set([...Object.keys(earlier), ...Object.keys(present)]) as Set<keyof T & string>;
  return [...fields].find(
    (field) => matters(field) && JSON.stringify(earlier[field]) !== JSON.stringify(present[field]),
  );
}
