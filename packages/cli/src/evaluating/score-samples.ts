import type { DiffusionPipeline } from 'ts-diffusion';
import type { EvaluationOptions, ReceiptContents } from 'ts-diffusion/evaluation';
import { typedCommand } from '../options/evaluation-options.js';
import { ProgressBar } from '../output/progress.js';
import { print, say } from '../output/say.js';
import { keyOf } from '../content-key.js';
import { packageVersion } from '../version.js';
import type { ScoreFlags } from './evaluate-flags.js';
import type { PreparedScorer } from './prepare-scorer.js';
import { report } from './report.js';
import type { Samples } from './samples.js';

/** Where receipts go where there is no run. */
export const DEFAULT_RECEIPTS = 'output';
/** Of the name of a receipt: the words before them tell most receipts of a folder apart. */
const KEY_DIGITS = 8;
/** Reference images for bits per dimension unless asked otherwise. */
const LIKELIHOOD_IMAGES = 200;

/** What becomes of the scores. */
export interface Outcome {
  readonly run?: string;
  readonly receipt?: string;
  readonly pictures?: string;
  readonly bitsPerDim?: true | number;
}

/** How the samples were made. */
export interface Making {
  readonly machine: string;
  /** `performance.now()` when the command began, less what was computed elsewhere. */
  readonly begin: number;
  /** For bits per dimension. */
  readonly pipeline?: DiffusionPipeline | undefined;
}

/**
 * Scores samples, prints the report and writes the receipt.
 *
 * @throws EvaluationError for samples that cannot be scored, WriteError when a file cannot be written
 */
export async function scoreSamples(
  { scorer, real, inception, warnings: otherData, judgesOf }: PreparedScorer,
  { images, generation, trained, measured }: Samples,
  flags: ScoreFlags & Outcome,
  { machine, begin, pipeline }: Making,
): Promise<void> {
  const { writeReceipt } = await import('ts-diffusion/node');
  const progress = new ProgressBar();
  const { quirkyInput, quirkWarnings } = await import('./quirks.js');
  const { splits, neighbours, bootstrap, nearCopies, thorough, seed = 0, bitsPerDim, quirks = [] } = flags;
  const likelihood =
    pipeline && bitsPerDim !== undefined
      ? { pipeline, images: bitsPerDim === true ? LIKELIHOOD_IMAGES : bitsPerDim }
      : undefined;
  const options: EvaluationOptions = {
    ...{ splits, neighbours, bootstrap, nearCopies, thorough, seed, inception, measured, likelihood },
    judges: judgesOf(images.count),
    evaluatorInput: quirkyInput(quirks),
    onProgress: showProgress(progress),
  };
  const evaluation = await scorer.score(images, options).finally(() => {
    progress.stop();
  });
  const warnings = [...otherData, ...quirkWarnings(quirks), ...evaluation.warnings];
  if (flags.pictures !== undefined) {
    const { writeEvaluationPictures } = await import('../output/evaluation-pictures.js');
    const written = await writeEvaluationPictures(flags.pictures, images, evaluation);
    for (const file of written) print(`Wrote ${file}`);
    if (written.length === 0)
      say('No pictures: there were no judges, no histograms, no labels and no near-copies to show.');
  }
  report(images, real.reference, { ...evaluation, warnings }, generation?.classNames ?? real.classNames);

  const { source, sha256, count, height, width } = images;
  const contents: ReceiptContents = {
    program: `ts-diffusion ${packageVersion()}`,
    createdAt: new Date().toISOString(),
    seconds: (performance.now() - begin) / 1000,
    command: typedCommand(),
    machine,
    images: { source, sha256, count, height, width },
    generation,
    ...(trained && { trained }),
    scores: [...evaluation.scores],
    warnings,
  };
  const path = flags.receipt ?? defaultReceipt(flags, contents, { seed, real: real.training?.sha256 ?? null });
  writeReceipt(path, contents);
  print(`Wrote ${path}`);
}

/** Percents of what is computed, each shown once. */
export function showProgress(progress: ProgressBar): (what: string, share: number) => void {
  let shown = '';
  return (what, share) => {
    const percent = Math.round(100 * share);
    if (shown !== (shown = `${what} ${percent}`)) progress.update(percent, 100, what);
  };
}

/** To be asked before images are drawn. @throws ConfigError and WriteError for outputs that cannot be written */
export async function checkOutcome({ run, receipt, pictures }: Outcome): Promise<void> {
  const { checkOutputFile, checkOutputFolder } = await import('ts-diffusion/node');
  if (pictures !== undefined) checkOutputFolder(pictures, { what: 'pictures' });
  if (receipt === undefined) checkOutputFolder(receiptFolder(run), { what: 'receipts' });
  else checkOutputFile(receipt, { what: 'a receipt', extensions: ['.json'] });
}

const receiptFolder = (run: string | undefined): string => (run === undefined ? DEFAULT_RECEIPTS : `${run}/receipts`);

/** What decides scores besides what a receipt holds: the seed of resampling and judges, and the images that floors are of. */
interface Further {
  readonly seed: number;
  readonly real: string | null;
}

/** A name that tells the settings, and is another one wherever anything that decides the scores is. */
function defaultReceipt(
  { run }: Outcome,
  { images, generation, trained, scores }: ReceiptContents,
  further: Further,
): string {
  const conditions = scores.map(({ metric, conditions }) => ({ metric, conditions }));
  const key = keyOf('receipt', { images: images.sha256, generation, trained, conditions, further }).slice(
    0,
    KEY_DIGITS,
  );
  const words =
    generation === null
      ? ['receipt']
      : [
          ...(generation.step === null ? [] : [`step${generation.step}`]),
          ...[generation.sampler, generation.samplingSteps, `omega${generation.omega}`, `seed${generation.seed}`],
        ];
  return `${receiptFolder(run)}/${[...words, `n${images.count}`, key].join('-')}.json`;
}
