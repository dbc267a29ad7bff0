import type { DiffusionPipeline, Runtime } from 'ts-diffusion';
import type { ImageScorer } from 'ts-diffusion/evaluation';
import { checkDigits, checkLikeDigits } from '../input/check-digits.js';
import { loadNetworks, type LoadedNetworks, type NetworkFlags } from '../options/evaluation-options.js';
import type { CountFlags } from '../options/image-count.js';
import type { EvaluateFlags, RealImageFlags, ScoreFlags } from './evaluate-flags.js';
import { compareData, loadRealImages, type RealImages } from './real-images.js';
import { labelsToDraw } from './samples.js';

/** With fewer images judges learn little, and what they say has a large error. */
export const JUDGED_BY_DEFAULT = 1000;

/** The networks that label accuracy and the main scores are of. */
const MAIN_NETWORKS = ['--evaluator', '--feature-network'];

/** All that scoring needs but the samples. */
export interface PreparedScorer extends Pick<LoadedNetworks, 'networks' | 'inception'> {
  readonly scorer: ImageScorer;
  readonly real: RealImages;
  /** What to warn of where the model was trained on other images. */
  readonly warnings: readonly string[];
  /** How many judges there are of each view of so many samples. */
  readonly judgesOf: (count: number) => number;
}

/**
 * Loads everything that may fail before the first image is drawn.
 *
 * @param model whose samples are scored, where one is known
 * @throws DataError, CheckpointError and EvaluationError where real images and networks are missing or do not fit
 */
export async function prepareScorer(
  flags: RealImageFlags & NetworkFlags & Pick<ScoreFlags, 'judges'>,
  runtime: Runtime,
  model?: { readonly trainedOn?: string | undefined },
): Promise<PreparedScorer> {
  const { areKnownDigits } = await import('ts-diffusion/data');
  const { ImageScorer } = await import('ts-diffusion/evaluation');
  const real = await loadRealImages(flags);
  const { reference, training, trainedOn, networkCommand } = real;
  const warnings = model === undefined ? [] : await compareData(model, real, flags);
  const { networks, inception, cache, ofPackage } = await loadNetworks(flags, runtime, trainedOn);
  const areDigits = MAIN_NETWORKS.every((option) => ofPackage.includes(option));
  if (areDigits) checkLikeDigits(networks, reference, networkCommand);
  else if (ofPackage.length > 0 && !(trainedOn !== undefined && areKnownDigits(trainedOn))) {
    warnings.push(
      `The network of ${ofPackage.join(' and of ')} is the package's, which knows handwritten digits; name one for these images if they are others.`,
    );
  }
  const scorer = new ImageScorer(networks, reference, training, cache);
  if (areDigits) await checkDigits(scorer, networkCommand);
  const judgesOf = (count: number): number => {
    const fewest = Math.min(count, scorer.reference.count, training?.count ?? Infinity);
    return flags.judges ?? (fewest < JUDGED_BY_DEFAULT ? 0 : 3);
  };
  return { scorer, real, networks, inception, warnings, judgesOf };
}

/** To be asked before images are drawn. @throws EvaluationError for a model and settings whose samples cannot be scored */
export function checkModel(
  { scorer, judgesOf }: PreparedScorer,
  pipeline: DiffusionPipeline,
  flags: CountFlags & Pick<EvaluateFlags, 'splits' | 'neighbours' | 'bitsPerDim'>,
): void {
  scorer.checkSize('this model draws', pipeline.model.imageSize);
  scorer.checkChannels('this model draws', pipeline.model.imageChannels);
  if (flags.bitsPerDim !== undefined) scorer.checkLikelihood(pipeline);
  scorer.checkLabels('this model draws', pipeline.seenClasses);
  const count = labelsToDraw(pipeline, flags).length;
  scorer.checkSettings(count, { splits: flags.splits, neighbours: flags.neighbours, judges: judgesOf(count) });
}
