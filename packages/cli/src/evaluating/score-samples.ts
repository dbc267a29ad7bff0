import type { DiffusionPipeline } from 'ts-diffusion';
import type { EvaluationOptions, Generation } from 'ts-diffusion/evaluation';
import { typedCommand } from '../options/evaluation-options.js';
import { ProgressBar } from '../output/progress.js';
import { say } from '../output/say.js';
import { packageVersion } from '../version.js';
import type { ScoreFlags } from './evaluate-flags.js';
import type { PreparedScorer } from './prepare-scorer.js';
import { report } from './report.js';
import type { Samples } from './samples.js';

/** Where the receipt goes where there is no run. */
export const DEFAULT_RECEIPT = 'output/receipt.json';
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
    for (const file of written) console.log(`Wrote ${file}`);
    if (written.length === 0)
      say('No pictures: there were no judges, no histograms, no labels and no near-copies to show.');
  }
  report(images, real.reference, { ...evaluation, warnings }, generation?.classNames ?? real.classNames);

  const path = flags.receipt ?? defaultReceipt(flags, images.count, generation);
  const { source, sha256, count, height, width } = images;
  writeReceipt(path, {
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
  });
  console.log(`Wrote ${path}`);
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
  if (receipt === undefined && run !== undefined) checkOutputFolder(`${run}/receipts`, { what: 'receipts' });
  else checkOutputFile(receipt ?? DEFAULT_RECEIPT, { what: 'a receipt', extensions: ['.json'] });
}

/** In the folder of the run, under a name that tells the settings. */
function defaultReceipt({ run }: Outcome, count: number, generation: Generation | null): string {
  if (run === undefined || generation === null) return DEFAULT_RECEIPT;
  const { sampler, samplingSteps, omega, seed, step } = generation;
  return `${run}/receipts/step${step ?? ''}-${sampler}-${samplingSteps}-omega${omega}-seed${seed}-n${count}.json`;
}
