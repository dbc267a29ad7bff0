import { fileURLToPath } from 'node:url';
import { type PlanSource, readPlanSource } from '../sweep/plan/plan-source.js';
import { checkPlan, type Plan } from '../sweep/plan/read-plan.js';
import type { Setting as Fields } from '../sweep/plan/settings.js';
import type { Budget } from './budget.js';
import { baseSetting, type ProtocolName, type Study, type StudyPart } from './study.js';

/** Points of the curve of the training loss. */
const CURVE_POINTS = 200;
const TRAINING_SEED = 'train.seed';
const GUIDANCE = 'sample.guidanceWeight';

/** What a study adds to the plans of the package: its place, devices and networks. */
export interface StudyOptions {
  readonly train?: Fields | undefined;
  readonly evaluate?: Fields | undefined;
  /** Whether FID is also taken. */
  readonly fid?: boolean | undefined;
}

/** One plan of a study. */
export interface PartPlan {
  readonly part: StudyPart;
  readonly protocol: ProtocolName;
  readonly plan: Plan;
}

/** The plans of a study, as the package has them, with the budget of the study in place of their own. */
export function studyPlans({ budget, protocols, parts }: Study, options: StudyOptions = {}): readonly PartPlan[] {
  return parts.flatMap((part) =>
    filesOf(part, protocols, budget).map(({ protocol, file }) => {
      const source = readPlanSource(fileURLToPath(new URL(`../../plans/${file}.yaml`, import.meta.url)));
      const plan = checkPlan(withBudget(source, part, budget, options));
      return { part, protocol, plan: withTrainingSeeds(plan, seedsOf(part, protocol, budget)) };
    }),
  );
}

/** All plans of a study as one: what they have in common is fixed, and each of their cells a setting, in their order. */
export function joinedPlan(title: string, plans: readonly PartPlan[]): Plan {
  const [{ plan: first }] = plans as readonly [PartPlan];
  const all = plans.flatMap(({ plan }) => plan.settings.map((setting): Fields => ({ ...plan.fixed, ...setting })));
  const names = [...new Set(all.flatMap((fields) => Object.keys(fields)))];
  const varied = names.filter((name) => new Set(all.map((fields) => JSON.stringify(fields[name]))).size > 1);
  const only = (fields: Fields, wanted: (name: string) => boolean): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name)));
  return {
    ...first,
    ...{ title, varied },
    fixed: only(all[0] as Fields, (name) => !varied.includes(name)),
    settings: all.map((fields) => only(fields, (name) => varied.includes(name))),
  };
}

function filesOf(
  part: StudyPart,
  protocols: readonly ProtocolName[],
  { fullChainModels }: Budget,
): readonly { protocol: ProtocolName; file: string }[] {
  const ofEach = (table: string) => protocols.map((protocol) => ({ protocol, file: `${table}.${protocol}` }));
  switch (part) {
    case 'table1':
      return ofEach('table-1');
    case 'table2':
      return ofEach('table-2');
    case 'table3':
      return ofEach('table-3');
    case 'quirks':
      return [{ protocol: 'corrected', file: 'deviations' }];
    case 'full-chain':
      return fullChainModels === 'all' ? ofEach('full-chain') : [{ protocol: 'corrected', file: 'full-chain' }];
  }
}

/** How many trainings a setting of a part has. */
type TrainingSeeds = (fields: Fields) => number;

/** The published program was run once, and its deviations are compared on one training each. */
function seedsOf(part: StudyPart, protocol: ProtocolName, budget: Budget): TrainingSeeds {
  const { baseSeeds, otherSeeds, fullChainSeeds } = budget;
  if (protocol === 'paper' || part === 'table1' || part === 'quirks') return () => 1;
  const all: TrainingSeeds = (fields) =>
    fields['train.schedule'] === baseSetting.schedule && fields['train.timesteps'] === baseSetting.timesteps
      ? baseSeeds
      : otherSeeds;
  return part === 'full-chain' ? (fields) => Math.min(fullChainSeeds, all(fields)) : all;
}

/** The settings of a plan, each with its training seeds. A plan of one training each is left as it is. */
function withTrainingSeeds(plan: Plan, seedsOfFields: TrainingSeeds): Plan {
  const counts = plan.settings.map((setting) => seedsOfFields({ ...plan.fixed, ...setting }));
  if (counts.every((count) => count === 1)) return plan;
  return {
    ...plan,
    varied: [...plan.varied, TRAINING_SEED],
    settings: plan.settings.flatMap((setting, i) =>
      Array.from({ length: counts[i] ?? 1 }, (_, seed) => ({ ...setting, [TRAINING_SEED]: seed })),
    ),
  };
}

/** The parts of a plan file that a budget replaces. */
interface PlanFile {
  readonly train: Fields;
  readonly sample: Fields;
  readonly evaluate: Fields;
  readonly axes?: Fields;
  readonly grids?: readonly Fields[];
  readonly scores: readonly string[];
}

function withBudget(source: PlanSource, part: StudyPart, budget: Budget, options: StudyOptions): PlanSource {
  const { sampler, spacing, samplingSteps, samples, fullChain, judges } = budget;
  const file = source.value as PlanFile;
  const value = {
    ...file,
    train: { ...file.train, ...trainingFields(budget), ...options.train },
    sample: { ...file.sample, sampler, spacing, samplingSteps },
    evaluate: {
      ...file.evaluate,
      count: part === 'full-chain' ? fullChain : samples,
      ...(judges > 0 && { judges }),
      ...options.evaluate,
    },
    ...variedBy(part, file, budget),
    scores: [...file.scores, ...(judges > 0 ? ['twoSample'] : []), ...(options.fid === true ? ['fid'] : [])],
  };
  return { ...source, value };
}

/** What a budget says of trainings, as fields of their configurations. */
function trainingFields(budget: Budget): Fields {
  const { steps, batch, channels, learningRate, warmupSteps, learningRateDecay, optimizer, adamBeta1 } = budget;
  const logEvery = Math.max(1, Math.floor(steps / CURVE_POINTS));
  return {
    ...{ steps, batchSize: batch, channels, learningRate, logEvery },
    ...{ warmupSteps, learningRateDecay, optimizer, adamBeta1 },
  };
}

/** What a budget says of the settings of a table. */
function variedBy(part: StudyPart, { axes, grids }: PlanFile, { repeats, guidance }: Budget): Fields {
  if (part === 'table1') return { axes: { ...axes, 'sample.seed': { seeds: repeats } } };
  if (part !== 'table3') return {};
  if (axes !== undefined) return { axes: { ...axes, [GUIDANCE]: guidance } };
  // The grids of the published program: without guidance, and with.
  const changed = (grids ?? []).map((grid) => ({
    ...grid,
    [GUIDANCE]: guidance.filter((weight) => (weight === 0) === (grid[GUIDANCE] === 0)),
  }));
  return { grids: changed.filter((grid) => grid[GUIDANCE].length > 0) };
}
