import { readFileSync } from 'node:fs';
import { deterministicTensor } from './deterministic-weights.js';
import type { GoldenGradients, GoldenSummary } from './unet.js';

/** Outputs, loss and gradients of one network on the golden batch, with weights from `deterministicParameters`. */
export interface GoldenClassifier extends GoldenGradients<GoldenSummary> {
  readonly logits: readonly number[];
  readonly features: Omit<GoldenSummary, 'shape' | 'float32Error'>;
}

/** test/golden/classifiers.json, written by bench/golden/classifiers.py. */
export interface ClassifierGolden {
  readonly inputs: {
    readonly images: { readonly name: string; readonly bound: number; readonly flatRows: number };
    readonly labels: readonly number[];
    readonly smoothing: number;
  };
  readonly evaluator: GoldenClassifier;
  readonly featureNetwork: GoldenClassifier;
}

export function readClassifierGolden(): ClassifierGolden {
  return JSON.parse(readFileSync(new URL('classifiers.json', import.meta.url), 'utf8')) as ClassifierGolden;
}

/** The golden batch: images [B, 1, 28, 28], whose upper rows are -1, and smoothed targets [B, 10]. */
export function goldenImages({ images, labels, smoothing }: ClassifierGolden['inputs']): {
  images: Float32Array;
  targets: Float32Array;
} {
  const pixels = 28 * 28;
  const data = deterministicTensor(images.name, labels.length * pixels, images.bound);
  labels.forEach((_, i) => data.fill(-1, i * pixels, i * pixels + images.flatRows * 28));
  const targets = labels.flatMap((label) =>
    Array.from({ length: 10 }, (_, k) => smoothing / 10 + (k === label ? 1 - smoothing : 0)),
  );
  return { images: data, targets: Float32Array.from(targets) };
}
