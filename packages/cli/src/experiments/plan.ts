import type { LabelDropoutUnit, NoiseScheduleName } from 'ts-diffusion/diffusion';
import type { Budget } from './budget.js';
import { protocols, type ProtocolName, type Quirks } from './protocol.js';

/** One model to be trained. */
export interface TrainingPlan {
  /** Name of its folder. */
  readonly id: string;
  readonly schedule: NoiseScheduleName;
  readonly timesteps: number;
  readonly rescaleBetas: boolean;
  readonly labelDropoutPer: LabelDropoutUnit;
}

/** One set of images to be drawn. */
export interface SamplesPlan {
  readonly id: string;
  readonly training: TrainingPlan;
  readonly count: number;
  readonly omega: number;
  readonly seed: number;
  /** All T steps of Algorithm 2 instead of the budget's sampler. */
  readonly fullChain: boolean;
  readonly clipX0: boolean;
  readonly omitClassBranch: boolean;
}

/** One receipt: a set of images, or its first part, scored. */
export interface Cell {
  readonly id: string;
  readonly samples: SamplesPlan;
  readonly count: number;
  readonly clampedBeforeSaving: boolean;
  readonly wrongEvaluatorRange: boolean;
}

/** What is varied from cell to cell, besides quirks. */
export interface Setting {
  readonly schedule: NoiseScheduleName;
  readonly timesteps: number;
  readonly omega: number;
  readonly seed: number;
}

/** The paper's best setting: where every comparison starts. */
export const baseSetting: Setting = { schedule: 'linear', timesteps: 1000, omega: 0.2, seed: 0 };

/** Table 2's rows, in its order. */
export const trainingSettings: readonly Setting[] = [
  baseSetting,
  { ...baseSetting, timesteps: 4000 },
  { ...baseSetting, schedule: 'cosine' },
  { ...baseSetting, schedule: 'cosine', timesteps: 4000 },
];

/** Table 3's rows. */
export const guidanceSettings: readonly Setting[] = [0, 0.2, 0.5].map((omega) => ({ ...baseSetting, omega }));

/** Table 1's rows. */
export function repeatSettings({ repeats }: Budget): readonly Setting[] {
  return Array.from({ length: repeats }, (_, seed) => ({ ...baseSetting, seed }));
}

/** A quirk alone, beside the same setting without it. */
export interface QuirkComparison {
  readonly quirk: keyof Quirks;
  readonly without: Cell;
  readonly with: Cell;
}

/** The cell of a setting under a protocol, or under the corrected one with some quirks. */
export function cellOf(budget: Budget, setting: Setting, quirks: Quirks, changes: CellChanges = {}): Cell {
  const { schedule, timesteps, omega, seed } = setting;
  const { fullChain = false, images } = changes;
  const rescaleBetas = schedule === 'linear' && timesteps !== 1000 && !quirks.unscaledBetas;
  const training: TrainingPlan = {
    id: name([schedule, timesteps, rescaleBetas && 'rescaled', quirks.labelDropoutPer === 'batch' && 'batch-coin']),
    ...{ schedule, timesteps, rescaleBetas, labelDropoutPer: quirks.labelDropoutPer },
  };
  const clipX0 = !quirks.unclippedX0;
  const omitClassBranch = quirks.omittedClassBranch && omega > 0;
  const samples: SamplesPlan = {
    id: name([
      training.id,
      `omega${omega}`,
      `seed${seed}`,
      clipX0 && 'clipped',
      omitClassBranch && 'branch-omitted',
      fullChain && 'full-chain',
    ]),
    ...{ training, omega, seed, fullChain, clipX0, omitClassBranch },
    count: fullChain ? budget.fullChain : budget.samples,
  };
  const count = Math.min(images ?? samples.count, samples.count);
  const { clampedBeforeSaving, wrongEvaluatorRange } = quirks;
  return {
    id: name([
      samples.id,
      clampedBeforeSaving && 'clamped',
      wrongEvaluatorRange && 'wrong-range',
      count < samples.count && `first${count}`,
    ]),
    ...{ samples, count, clampedBeforeSaving, wrongEvaluatorRange },
  };
}

interface CellChanges {
  readonly fullChain?: boolean;
  /** Score only so many of the images. */
  readonly images?: number;
}

/** Each quirk alone against the corrected protocol, where it matters most. */
export function quirkComparisons(budget: Budget): readonly QuirkComparison[] {
  const { corrected, paper } = protocols;
  const settings: Partial<Record<keyof Quirks, Setting>> = {
    unclippedX0: { ...baseSetting, schedule: 'cosine' },
    unscaledBetas: { ...baseSetting, timesteps: 4000 },
  };
  return (Object.keys(corrected) as (keyof Quirks)[]).map((quirk) => {
    const setting = settings[quirk] ?? baseSetting;
    return {
      quirk,
      without: cellOf(budget, setting, corrected),
      with: cellOf(budget, setting, { ...corrected, [quirk]: paper[quirk] }),
    };
  });
}

/** The same model drawn from with the budget's sampler and with all T steps, as many images. */
export function chainComparison(budget: Budget): { readonly fast: Cell; readonly full: Cell } {
  const { corrected } = protocols;
  return {
    fast: cellOf(budget, baseSetting, corrected, { images: budget.fullChain }),
    full: cellOf(budget, baseSetting, corrected, { fullChain: true }),
  };
}

/** Which questions a study answers. */
export const studyParts = ['table1', 'table2', 'table3', 'quirks', 'full-chain'] as const;
export type StudyPart = (typeof studyParts)[number];

/** What a study is. */
export interface Study {
  readonly budget: Budget;
  readonly protocols: readonly ProtocolName[];
  readonly parts: readonly StudyPart[];
}

/** Every cell of a study, each once, those of one model together. */
export function studyCells({ budget, protocols: names, parts }: Study): Cell[] {
  const comparisons: Record<StudyPart, (quirks: Quirks) => readonly Cell[]> = {
    table1: (quirks) => repeatSettings(budget).map((setting) => cellOf(budget, setting, quirks)),
    table2: (quirks) => trainingSettings.map((setting) => cellOf(budget, setting, quirks)),
    table3: (quirks) => guidanceSettings.map((setting) => cellOf(budget, setting, quirks)),
    quirks: () => quirkComparisons(budget).flatMap((each) => [each.without, each.with]),
    'full-chain': () => Object.values(chainComparison(budget)),
  };
  const cells = names.flatMap((protocol) => [
    cellOf(budget, baseSetting, protocols[protocol]),
    ...parts.flatMap((part) => comparisons[part](protocols[protocol])),
  ]);
  const once = [...new Map(cells.map((cell) => [cell.id, cell])).values()];
  const order = [...new Set(once.map(({ samples }) => samples.training.id))];
  return order.flatMap((id) => once.filter(({ samples }) => samples.training.id === id));
}

function name(parts: readonly (string | number | false)[]): string {
  return parts.filter((part) => part !== false).join('-');
}
