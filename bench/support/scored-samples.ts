import { join } from 'node:path';
import { cacheFolder } from '../../packages/ts-diffusion/src/node/data/cache-folder.js';
import type { Dataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { ImageScorer } from '../../packages/ts-diffusion/src/evaluation/evaluate.js';
import { FileEvaluationCache } from '../../packages/ts-diffusion/src/node/evaluation/evaluation-cache.js';
import { imagesOfDataset, scoredImages } from '../../packages/ts-diffusion/src/evaluation/scored-images.js';
import { loadEvaluationNetworks } from '../../packages/ts-diffusion/src/evaluation/shipped-networks.js';
import { FRECHET_METRIC } from '../../packages/ts-diffusion/src/evaluation/scores/frechet.js';
import { INCEPTION_METRIC } from '../../packages/ts-diffusion/src/evaluation/scores/inception.js';
import { LABEL_METRIC } from '../../packages/ts-diffusion/src/evaluation/scores/label-accuracy.js';
import { RECALL_METRIC } from '../../packages/ts-diffusion/src/evaluation/scores/neighbourhoods.js';
import type { DiffusionPipeline } from '../../packages/ts-diffusion/src/pipeline/diffusion-pipeline.js';
import type { SamplingOptions } from '../../packages/ts-diffusion/src/diffusion/sampling-schema.js';
import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';

const BOOTSTRAP = 20;
const NEIGHBOURS = 5;
const SEED = 0;

/** What samples of a model came to. */
export interface SampleScores {
  /** Fréchet distance (CNN features) to the test digits, its standard error, and that of as many training digits. */
  readonly distance: number;
  readonly error: number;
  readonly floor: number;
  readonly inceptionScore: number;
  readonly labelAccuracy: number;
  readonly recall: number;
  readonly recallFloor: number;
  /** Processor time of all threads and wall time per 1,000 samples. */
  readonly processorSeconds: number;
  readonly seconds: number;
}

/** Scores samples against the test digits, with the networks in the package. */
export async function sampleScorer(runtime: Runtime, training: Dataset, test: Dataset): Promise<ImageScorer> {
  const cache = new FileEvaluationCache(join(cacheFolder(process.env), 'evaluation'));
  return new ImageScorer(
    await loadEvaluationNetworks(runtime),
    imagesOfDataset(test),
    imagesOfDataset(training),
    cache,
  );
}

/** Draws `count` images, all classes alike, and scores them. */
export async function scoreSamples(
  pipeline: DiffusionPipeline,
  scorer: ImageScorer,
  count: number,
  options: SamplingOptions,
): Promise<SampleScores> {
  const labels = Array.from({ length: count }, (_, i) => i % pipeline.model.classes);
  const [begin, before] = [performance.now(), process.cpuUsage()];
  const drawn = await pipeline.generate({ ...options, labels, seed: SEED });
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - begin) / count;
  const { scores } = await scorer.score(scoredImages(drawn.images, drawn, drawn.labels, 'samples'), {
    ...{ neighbours: NEIGHBOURS, bootstrap: BOOTSTRAP, nearCopies: 0, seed: SEED },
  });
  const score = (metric: string) => scores.find((each) => each.metric === metric);
  const [distance, recall] = [score(FRECHET_METRIC), score(RECALL_METRIC)];
  return {
    distance: distance?.value ?? NaN,
    error: distance?.standardDeviation ?? NaN,
    floor: distance?.floor ?? NaN,
    inceptionScore: score(INCEPTION_METRIC)?.value ?? NaN,
    labelAccuracy: score(LABEL_METRIC)?.value ?? NaN,
    recall: recall?.value ?? NaN,
    recallFloor: recall?.floor ?? NaN,
    processorSeconds: (user + system) / 1000 / count,
    seconds,
  };
}
