import { loadEmbeddedDigits } from '../../../ts-diffusion/src/node/data/embedded.js';
import { type Receipt, type Score } from '../../../ts-diffusion/src/evaluation/receipt.js';
import { FID_METRIC } from '../../../ts-diffusion/src/evaluation/scores/fid.js';
import { FRECHET_METRIC } from '../../../ts-diffusion/src/evaluation/scores/frechet.js';
import { INCEPTION_METRIC } from '../../../ts-diffusion/src/evaluation/scores/inception.js';
import { contents, frechet } from '../../../ts-diffusion/test/evaluation/receipt-contents.js';
import { tinyUNet } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { parseBudget } from '../../src/experiments/budget.js';
import { keptName, trainingOfFields } from '../../src/experiments/kept/kept-name.js';
import { plannedSettings, type PlannedCell } from '../../src/experiments/planned-cells.js';
import type { ReportSource } from '../../src/experiments/report/report-source.js';
import { studyPlans } from '../../src/experiments/study-plans.js';
import type { Study } from '../../src/experiments/study.js';
import type { Cell } from '../../src/sweep/cells/cell.js';
import { keyOf } from '../../src/content-key.js';
import { evaluateSchema } from '../../src/sweep/plan/fields.js';
import { SweepFolder } from '../../src/sweep/running/sweep-folder.js';

/** What a cell is said to score. */
export interface Scores {
  readonly distance: number;
  readonly inception?: number;
  /** Total variation of grey levels; default: that of digits. */
  readonly grey?: number;
  /** Error of measuring a distance, and an Inception score; default: 0.01. */
  readonly error?: number;
  /** FID; default: not taken. */
  readonly fid?: number;
}

/** A study whose cells score what a function says, without any of them being computed. @param scoresOf null: the cell is not done @param path the folder of images, if there are any */
export async function studyOf(
  budget: string,
  parts: Study['parts'],
  scoresOf: (planned: Omit<PlannedCell, 'cell'>) => Scores | null,
  path = 'nowhere',
): Promise<ReportSource> {
  const study: Study = { budget: parseBudget(budget), protocols: ['corrected', 'paper'], parts };
  const receipts = new Map<string, Receipt>();
  const planned = plannedSettings(studyPlans(study)).map((each): PlannedCell => {
    const scores = scoresOf(each);
    const cell = cellOf(each);
    if (scores !== null) receipts.set(cell.key, receiptOf(scores));
    return { ...each, cell };
  });
  const folder = new SweepFolder(path);
  folder.receipt = ({ key }) => receipts.get(key);
  const training = await loadEmbeddedDigits();
  return { study, folder, planned, training, flags: {}, scores: ['frechet', 'inception', 'recall'] };
}

function cellOf({ fields, varied }: Omit<PlannedCell, 'cell'>): Cell {
  return {
    ...{ key: keyOf('cell', fields), setting: varied, sampling: {}, weights: 'ema' },
    model: { kind: 'model', model: keptName(trainingOfFields(fields)), network: tinyUNet },
    evaluation: evaluateSchema.parse({ count: fields['evaluate.count'] }),
    evaluationsPerImage: 1,
  };
}

function receiptOf({ distance, inception = 8, grey = 0.1, error = 0.01, fid }: Scores): Receipt {
  const score = frechet(distance);
  const scores: Score[] = [
    { ...score, metric: FRECHET_METRIC, standardDeviation: error, floor: 0.5 },
    { ...score, metric: INCEPTION_METRIC, value: inception, better: 'higher', standardDeviation: error },
    { ...score, metric: 'Grey levels, total variation', value: grey },
    ...(fid === undefined ? [] : [{ ...score, metric: FID_METRIC, value: fid, standardDeviation: error }]),
  ];
  return { format: 'ts-diffusion receipt 1', ...contents(score), scores };
}
