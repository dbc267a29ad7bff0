import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type PipelineModel,
  type ResolvedSampling,
  resolveSampling,
  samplingDefaults,
  type SamplingDefaults,
} from 'ts-diffusion';
import { createNoiseSchedule, type NoiseSchedule, type SamplingData } from 'ts-diffusion/diffusion';
import { EMBEDDED } from 'ts-diffusion/data';
import { ConfigError, UserError } from 'ts-diffusion/errors';
import { weightsHash } from 'ts-diffusion/evaluation';
import {
  isHubAddress,
  loadModel,
  readTrainConfigFile,
  sha256Hex,
  shippedModel,
  shippedModels,
} from 'ts-diffusion/node';
import { modelFor, parseConfig, type TrainConfig, trainPresets } from 'ts-diffusion/train';
import { newConfig } from '../../training/new-config.js';
import { type EvaluateFields, evaluateSchema, networkFields, type Section } from '../plan/fields.js';
import type { Plan } from '../plan/read-plan.js';
import { scoreArguments } from '../plan/scores.js';
import type { Setting } from '../plan/settings.js';
import type { Cell, CellModel, Training } from './cell.js';
import { countEvaluations } from './count-evaluations.js';
import { keyOf } from '../../content-key.js';
import { RealImages } from './real-images.js';

/** Fields of a training that change nothing of its weights, or stand for what is hashed in their place. */
const notDeciding: readonly (keyof TrainConfig)[] = [
  'threads',
  'offline',
  'skipBroken',
  'maxMinutes',
  'logEvery',
  'checkpointEvery',
  'tensorboard',
  'sampleEvery',
  'samplesPerClass',
  'data',
  'initialWeights',
];
/** They decide a tone curve, and where there is none, nothing. */
const ofSampling: readonly (keyof TrainConfig)[] = ['sampler', 'samplingSteps', 'spacing', 'guidanceWeight'];

/** Unless a plan says otherwise: grids of samples of each training cost time and are looked at by nobody. */
const QUIET: Partial<TrainConfig> = { sampleEvery: 0 };

/** Checkpoints of a training, at least: what a kill loses is less than the share between two. */
const CHECKPOINTS = 10;
const MOST_STEPS_LOST = 500;

/**
 * The cells of a plan, completely configured and checked, each once.
 *
 * @throws ConfigError, DataError, CheckpointError that name the setting; the signal's reason when it is aborted
 */
export async function resolveCells(plan: Plan, signal: AbortSignal): Promise<readonly Cell[]> {
  const all = await resolveSettings(plan, signal);
  return all.filter(({ key }, i) => all.findIndex((cell) => cell.key === key) === i);
}

/** The cell of each setting of a plan, in its order; settings that come to the same have cells of the same key. @throws as `resolveCells` */
export async function resolveSettings(plan: Plan, signal: AbortSignal): Promise<readonly Cell[]> {
  const images = new RealImages(signal);
  const trainings = new Map<string, Promise<Trained>>();
  const cells: Cell[] = [];
  try {
    for (const setting of plan.settings) {
      const cell = await resolveCell(plan, setting, { images, trainings, signal }).catch((error: unknown) => {
        throw named(error, setting);
      });
      cells.push(cell);
    }
  } finally {
    images.close();
  }
  return cells;
}

interface Shared {
  readonly images: RealImages;
  /** By what of the plan decides them. */
  readonly trainings: Map<string, Promise<Trained>>;
  readonly signal: AbortSignal;
}

/** A model with what decides its sampling and scores. */
interface Trained {
  readonly model: CellModel;
  /** Hash of its weights, or of what decides them. */
  readonly identity: string;
  readonly schedule: NoiseSchedule;
  /** Default sampling, where a plan says nothing else. */
  readonly defaults: SamplingDefaults;
  readonly config?: TrainConfig;
  /** Whether its best weights are kept beside its last ones. */
  readonly keepsBest?: boolean;
}

async function resolveCell(plan: Plan, setting: Setting, shared: Shared): Promise<Cell> {
  shared.signal.throwIfAborted();
  const fields = { ...plan.fixed, ...setting };
  const ofTraining = sectionOf(fields, 'train');
  const key = keyOf('fields', ofTraining);
  const trained = await (shared.trainings.get(key) ??
    keep(shared.trainings, key, resolveModel(plan, ofTraining, shared)));
  const { weights = 'ema', ...given } = sectionOf(fields, 'sample') as SamplingData & {
    readonly weights?: Cell['weights'];
  };
  const { sampling, resolved } = completeSampling(given, trained);
  const evaluation = parseConfig(evaluateSchema, sectionOf(fields, 'evaluate'), 'evaluate');
  const reference = await (evaluation.data === undefined
    ? shared.images.reference(trained.config ?? {}, trained.config)
    : shared.images.reference({ data: evaluation.data }));
  checkWeights(weights, trained);
  checkGuidance(resolved, trained);
  const { data, count, neighbours, bootstrap, splits, quirks } = evaluation;
  return {
    key: keyOf('cell', {
      model: trained.identity,
      ...{ sampling: identityOf(resolved), weights, reference, ownData: data !== undefined },
      ...(quirks.length > 0 && { quirks }),
      ...ownNetworks(evaluation),
      ...{ count, neighbours, bootstrap, splits, scores: scoreArguments(plan.scores, evaluation) },
    }),
    ...{ setting, model: trained.model, sampling, weights, evaluation },
    evaluationsPerImage: await countEvaluations(trained.schedule, resolved),
    keptNetworks: shared.images.keptFor(reference),
  };
}

function resolveModel({ base }: Plan, fields: object, shared: Shared): Promise<Trained> {
  return 'model' in base ? Promise.resolve(givenModel(base.model)) : newTraining(base, fields, shared);
}

async function newTraining(
  base: { readonly preset: string } | { readonly config: string },
  fields: object,
  { images, signal }: Shared,
): Promise<Trained> {
  const file = 'config' in base ? withAbsolutePaths(readTrainConfigFile(base.config)) : {};
  const preset = 'preset' in base ? base.preset : undefined;
  // A file's own limit in minutes would end trainings by the clock, and so would a preset's.
  const options = {
    ...('sampleEvery' in file ? {} : QUIET),
    ...fields,
    ...possibleDefaults(preset, file, fields),
    maxMinutes: 0,
  };
  const made = await newConfig({ preset, file, options }, signal);
  if (made === undefined) throw signal.reason;
  const dataset = await images.training(made.config, made.images);
  const config = { ...made.config, ...checkpointEvery(made.config, { ...file, ...fields }) };
  const { initialWeights } = config;
  const validation = await images.validation(config, dataset);
  // By these the best weights are chosen.
  const { networks } = config.evaluateEvery > 0 ? await images.reference(config, config) : {};
  const without: readonly string[] = config.toneCurve > 0 ? notDeciding : [...notDeciding, ...ofSampling, 'toneCurve'];
  const deciding = Object.fromEntries(Object.entries(config).filter(([name]) => !without.includes(name)));
  const key = keyOf('training', {
    ...{ config: deciding, data: dataset.sha256, validation, networks },
    ...(initialWeights !== undefined && { initialWeights: weightsHash(loadNamed(initialWeights)) }),
  });
  const training: Training = { key, config, network: modelFor(config, dataset) };
  return {
    ...{ model: { kind: 'training', training }, identity: key, config },
    keepsBest: keepsBest(config, validation !== undefined),
    schedule: createNoiseSchedule(config.schedule, config.timesteps, config),
    defaults: samplingDefaults(config, training.network),
  };
}

/** Paths in a configuration are as seen from where the program was started; a child runs in the folder of the sweep. */
function withAbsolutePaths(config: Partial<TrainConfig>): Partial<TrainConfig> {
  const { data, initialWeights } = config;
  return {
    ...config,
    ...(data !== undefined && data !== EMBEDDED && !isHubAddress(data) && { data: resolve(data) }),
    ...(initialWeights !== undefined && !isShipped(initialWeights) && { initialWeights: resolve(initialWeights) }),
  };
}

/** Networks that a plan names, by what is in their files. @throws ConfigError for a file that cannot be read */
function ownNetworks(evaluation: EvaluateFields): object {
  return Object.fromEntries(
    networkFields.flatMap((field) => {
      const path = evaluation[field];
      return path === undefined ? [] : [[field, hashOfFile(path, `evaluate.${field}`)]];
    }),
  );
}

function hashOfFile(path: string, field: string): string {
  try {
    return sha256Hex(readFileSync(path));
  } catch (error) {
    throw new ConfigError(`${field}: ${path} cannot be read (${(error as Error).message}).`, { cause: error });
  }
}

/** How the base samples by default, where the plan's schedule or label dropout no longer allow that. */
function possibleDefaults(preset: string | undefined, file: object, fields: object): Partial<TrainConfig> {
  const ofPreset = trainPresets[preset as keyof typeof trainPresets] as Partial<TrainConfig> | undefined;
  const { samplingSteps = 0, timesteps, labelDropout } = { ...ofPreset, ...file, ...fields } as Partial<TrainConfig>;
  return {
    ...(timesteps !== undefined && samplingSteps > timesteps && { samplingSteps: 0 }),
    ...((labelDropout === 0 || labelDropout === 1) && { guidanceWeight: 0 }),
  };
}

/** A checkpoint at least after each tenth of the steps, unless somebody chose otherwise. */
function checkpointEvery({ steps }: TrainConfig, given: object): Partial<TrainConfig> {
  if ('checkpointEvery' in given) return {};
  return { checkpointEvery: Math.max(1, Math.min(MOST_STEPS_LOST, Math.ceil(steps / CHECKPOINTS))) };
}

function givenModel(name: string): Trained {
  const model = loadNamed(name);
  const shipped = isShipped(name) ? { sampling: shippedModel(name).sampling } : {};
  return {
    ...{ model: { kind: 'model', model: name, network: model.model }, identity: modelHash(model) },
    schedule: model.schedule,
    defaults: { ...model, ...shipped },
  };
}

/** Names of the package go before paths, which are absolute here: a child is in another folder. */
const isShipped = (name: string): boolean => shippedModels().some(({ id }) => id === name);

const loadNamed = (name: string): PipelineModel => loadModel(isShipped(name) ? shippedModel(name).path : name).model;

/** Of all of a model that decides its images: the same weights may sample by another schedule. */
function modelHash(model: PipelineModel): string {
  const { model: network, schedule, prediction = 'epsilon', seenClasses, trainedOn, toneCurve } = model;
  const { name, timesteps, rescaleBetas, zeroTerminalSnr, betas } = schedule;
  const given = name === 'given' ? [...betas] : undefined;
  const noise = { name, timesteps, rescaleBetas, zeroTerminalSnr, betas: given };
  const levels = toneCurve && { toneCurve: toneCurve.map((levels) => [...levels]) };
  return keyOf('model', { weights: weightsHash(model), network, noise, prediction, seenClasses, trainedOn, ...levels });
}

/** What a plan says, completed as `diffusion sample` does, and spelled out: the defaults of the model then decide nothing. */
function completeSampling(
  given: SamplingData,
  { schedule, defaults }: Pick<Trained, 'schedule' | 'defaults'>,
): { readonly sampling: SamplingData; readonly resolved: ResolvedSampling } {
  const { sampling: ofModel, samplingSteps, guidanceWeight } = defaults;
  const isItsOwn = given.sampler === undefined || given.sampler === ofModel?.sampler;
  const own: SamplingData = isItsOwn ? { ...ofModel } : {};
  const resolved = resolveSampling({ schedule, samplingSteps, guidanceWeight }, given, own);
  const sampling = onlyGiven({
    ...own,
    ...given,
    ...(resolved.dynamicThreshold === undefined ? { dynamicThreshold: undefined } : { clipX0: undefined }),
    sampler: resolved.sampler.name as SamplingData['sampler'],
    ...(given.timesteps === undefined
      ? { samplingSteps: resolved.timesteps.length, spacing: resolved.spacing ?? undefined }
      : { samplingSteps: undefined, spacing: undefined }),
    guidanceWeight: given.guidanceScale === undefined ? resolved.guidanceWeight : undefined,
  });
  return { sampling, resolved };
}

const onlyGiven = (values: SamplingData): SamplingData =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** A resolved sampling as data: its sampler by name. */
const identityOf = ({ sampler, ...others }: ResolvedSampling): object => ({ sampler: sampler.name, ...others });

/** As `watch` chooses best weights. @param hasOwn whether the data bring validation images along */
function keepsBest({ steps, evaluateEvery, validateEvery, validation }: TrainConfig, hasOwn: boolean): boolean {
  if (evaluateEvery > 0) return evaluateEvery <= steps;
  const hasImages = validation === undefined ? hasOwn : validation > 0;
  return hasImages && validateEvery > 0 && validateEvery <= steps;
}

function checkWeights(weights: Cell['weights'], { config, keepsBest: hasBest = false }: Trained): void {
  if (weights === 'ema') return;
  if (config === undefined) {
    throw new ConfigError(`sample.weights is ${weights}, but the base is a model with one kind of weights; remove it.`);
  }
  if (weights === 'best' && !hasBest) {
    throw new ConfigError(
      'sample.weights is best, but this training keeps no best weights; set train.validation (and train.validateEvery) or ' +
        'train.evaluateEvery, with a number of steps that is at most train.steps.',
    );
  }
}

function checkGuidance({ guidanceWeight }: ResolvedSampling, { config }: Trained): void {
  const { labelDropout = 0.5 } = config ?? {};
  if (guidanceWeight === 0 || (labelDropout > 0 && labelDropout < 1)) return;
  throw new ConfigError(
    `the guidance weight is ${guidanceWeight}, but with train.labelDropout ${labelDropout} the network never learns to predict ` +
      `${labelDropout === 0 ? 'without' : 'with'} a label; set sample.guidanceWeight to 0.`,
  );
}

function sectionOf(fields: Setting, section: Section): Record<string, unknown> {
  const prefix = `${section}.`;
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

function keep<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  return value;
}

/** An error of one cell, with the setting that it is of. */
function named(error: unknown, setting: Setting): unknown {
  const text = Object.entries(setting)
    .map(([field, value]) => `${field} ${JSON.stringify(value)}`)
    .join(', ');
  if (!(error instanceof UserError) || text === '') return error;
  return new ConfigError(`with ${text}: ${error.message}`, { cause: error });
}
