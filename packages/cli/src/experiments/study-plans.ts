import { fileURLToPath } from 'node:url';
import { type PlanSource, readPlanSource } from '../sweep/plan/plan-source.js';
import { checkPlan, type Plan } from '../sweep/plan/read-plan.js';
import type { Setting as Fields } from '../sweep/plan/settings.js';
import type { Budget } from './budget.js';
import type { ProtocolName, Study, StudyPart } from './study.js';

/** Points of the curve of the training loss. */
const CURVE_POINTS = 200;

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
    filesOf(part, protocols).map(({ protocol, file }) => {
      const source = readPlanSource(fileURLToPath(new URL(`../../plans/${file}.yaml`, import.meta.url)));
      return { part, protocol, plan: checkPlan(withBudget(source, part, budget, options)) };
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
): readonly { protocol: ProtocolName; file: string }[] {
  const ofTable = (table: string) => protocols.map((protocol) => ({ protocol, file: `${table}.${protocol}` }));
  switch (part) {
    case 'table1':
      return ofTable('table-1');
    case 'table2':
      return ofTable('table-2');
    case 'table3':
      return ofTable('table-3');
    case 'quirks':
      return [{ protocol: 'corrected', file: 'deviations' }];
    case 'full-chain':
      return [{ protocol: 'corrected', file: 'full-chain' }];
  }
}

/** The parts of a plan file that a budget replaces. */
interface PlanFile {
  readonly train: Fields;
  readonly sample: Fields;
  readonly evaluate: Fields;
  readonly axes?: Fields;
  readonly scores: readonly string[];
}

function withBudget(source: PlanSource, part: StudyPart, budget: Budget, options: StudyOptions): PlanSource {
  const { steps, batch, channels, learningRate, sampler, spacing, samplingSteps, samples, fullChain, repeats } = budget;
  const file = source.value as PlanFile;
  const logEvery = Math.max(1, Math.floor(steps / CURVE_POINTS));
  const value = {
    ...file,
    train: { ...file.train, steps, batchSize: batch, channels, learningRate, logEvery, ...options.train },
    sample: { ...file.sample, sampler, spacing, samplingSteps },
    evaluate: { ...file.evaluate, count: part === 'full-chain' ? fullChain : samples, ...options.evaluate },
    ...(part === 'table1' && { axes: { ...file.axes, 'sample.seed': { seeds: repeats } } }),
    scores: [...file.scores, ...(options.fid === true ? ['fid'] : [])],
  };
  return { ...source, value };
}
