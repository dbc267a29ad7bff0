import { Classifier } from '../../classifier/classifier.js';
import { trainClassifier, type ClassifierTraining } from '../../classifier/classifier-trainer.js';
import { createDataset, type Dataset } from '../../data/dataset.js';
import type { Runtime } from '../../runtime/types.js';
import { EvaluationError } from '../../utils/errors.js';
import { Purpose, RandomStream } from '../../utils/random.js';
import type { ProgressHook } from '../progress.js';
import type { ShownImages } from '../scored-images.js';
import { areaUnderCurve } from './area-under-curve.js';
import { judgeNetworkFor } from './judge-network.js';

/** How often a judge is shown each image in training. */
const PASSES = 6;
/** Steps of training, at least and at most: of 10,000 images six passes. */
const LEAST_STEPS = 100;
const MOST_STEPS = 940;
/** With fewer images of either kind nothing can be said. */
const LEAST_IMAGES = 40;
const BATCH = 64;

const training: Omit<ClassifierTraining, 'epochs' | 'stepsPerEpoch'> = {
  batchSize: BATCH,
  learningRate: 4e-3,
  warmupSteps: 50,
  emaDecay: 0.99,
  // A judge of pixels must see them as they are.
  distortion: { shift: 0, rotation: 0, stretch: 0, bend: 0 },
};

/** How well one judge told samples from real images, on images that it had not seen. */
export interface Verdict {
  /** Share of images that were told rightly; 0.5 is chance. */
  readonly accuracy: number;
  /** Area under the receiver operating characteristic; 0.5 is chance. */
  readonly area: number;
  /** Rows of the samples that were judged. */
  readonly rows: Int32Array;
  /** The judge's logit that each of these is a sample: the larger the more suspicious. */
  readonly suspicion: Float32Array;
}

/**
 * The classifier two-sample test (Lopez-Paz & Oquab 2017): a fresh network learns to tell half of the samples from half of the real
 * images, and is asked about the other halves. As many of both are used. Which halves, the network's initial weights and the order of
 * its training depend on `seed` alone.
 *
 * @throws EvaluationError for fewer than 40 images of either kind
 */
export async function judge(
  runtime: Runtime,
  real: ShownImages,
  samples: ShownImages,
  seed: number,
  onProgress?: ProgressHook,
): Promise<Verdict> {
  const count = Math.min(real.count, samples.count);
  checkJudged(count);
  const half = count >> 1;
  const [realRows, sampleRows] = [shuffled(real.count, seed, 0), shuffled(samples.count, seed, 1)];
  const train = joined(real, realRows.subarray(0, half), samples, sampleRows.subarray(0, half));
  const network = judgeNetworkFor({ imageSize: real.height, imageChannels: real.channels });
  const steps = Math.min(Math.max(Math.ceil((PASSES * 2 * half) / BATCH), LEAST_STEPS), MOST_STEPS);
  let weights: Float32Array | undefined;
  const run = { network, training: { ...training, epochs: 1, stepsPerEpoch: steps }, dataset: train, runtime, seed };
  for await (const event of trainClassifier(run)) {
    if (event.type === 'step') onProgress?.(event.step / steps);
    if (event.type === 'epoch') ({ weights } = event);
  }
  const classifier = new Classifier(runtime, network, weights as Float32Array);
  try {
    const rows = Int32Array.from(sampleRows.subarray(half, 2 * half));
    const test = joined(real, realRows.subarray(half, 2 * half), samples, rows);
    const { logits } = await classifier.classify(test);
    const margin = Float32Array.from(
      { length: 2 * half },
      (_, i) => (logits[2 * i + 1] as number) - (logits[2 * i] as number),
    );
    const [ofReal, ofSamples] = [margin.subarray(0, half), margin.slice(half)];
    const right = ofReal.filter((value) => value <= 0).length + ofSamples.filter((value) => value > 0).length;
    return { accuracy: right / (2 * half), area: areaUnderCurve(ofReal, ofSamples), rows, suspicion: ofSamples };
  } finally {
    await classifier.dispose();
  }
}

/** @param count images of the kind that there are fewer of. @throws EvaluationError for fewer than 40 */
export function checkJudged(count: number): void {
  if (count >= LEAST_IMAGES) return;
  throw new EvaluationError(`A two-sample test needs ${LEAST_IMAGES} images of both kinds; there are ${count}.`);
}

/** 0 .. count - 1 in random order (Fisher & Yates). */
function shuffled(count: number, seed: number, part: number): Int32Array {
  const random = new RandomStream(seed, Purpose.twoSampleHalves, part);
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [rows[i], rows[j]] = [rows[j] as number, rows[i] as number];
  }
  return rows;
}

/** Real images with label 0, then samples with label 1. */
function joined(real: ShownImages, realRows: Int32Array, samples: ShownImages, sampleRows: Int32Array): Dataset {
  const { channels, height, width } = real;
  const length = channels * height * width;
  const count = realRows.length + sampleRows.length;
  const data = new Uint8Array(count * length);
  const put = (from: ShownImages, rows: Int32Array, first: number): void => {
    rows.forEach((row, i) => {
      data.set(from.images.subarray(row * length, (row + 1) * length), (first + i) * length);
    });
  };
  put(real, realRows, 0);
  put(samples, sampleRows, realRows.length);
  const labels = Uint8Array.from({ length: count }, (_, i) => (i < realRows.length ? 0 : 1));
  return createDataset(
    { shape: [count, channels, height, width], data },
    { shape: [count], data: labels },
    'real images and samples',
    2,
  );
}
