import type { Classifier } from '../../classifier/classifier.js';
import { scoringNetwork } from '../classified-set.js';
import { featuresOf } from './classifier-features.js';
import type { FeatureKind } from './feature-kind.js';

/** Bins along each side. */
const BINS = 3;

/** The maps of the paper's classifier, each averaged over 3×3 parts of the image: 576 features. */
export function evaluatorMaps(evaluator: Classifier, maps: number): FeatureKind {
  const side = Math.round(Math.sqrt(evaluator.network.features / maps));
  const bins = Math.min(BINS, side);
  const dimension = maps * bins * bins;
  return {
    name: "evaluator's maps",
    network: { ...scoringNetwork(evaluator), features: dimension },
    key: { network: evaluator.sha256, bins },
    of: (images, onProgress) =>
      featuresOf(evaluator, dimension, images, onProgress, (features, count) =>
        averages(features, count * maps, side, bins),
      ),
  };
}

/**
 * Averages of maps [N, side, side] over bins × bins parts that cover them, overlapping by a row where `side` is no multiple: PyTorch's
 * `adaptive_avg_pool2d`.
 */
export function averages(maps: Float32Array, count: number, side: number, bins: number): Float32Array {
  const out = new Float32Array(count * bins * bins);
  const start = (bin: number): number => Math.floor((bin * side) / bins);
  const end = (bin: number): number => Math.ceil(((bin + 1) * side) / bins);
  for (let map = 0; map < count; map++) {
    for (let row = 0; row < bins; row++) {
      for (let column = 0; column < bins; column++) {
        let sum = 0;
        for (let y = start(row); y < end(row); y++) {
          for (let x = start(column); x < end(column); x++) sum += maps[(map * side + y) * side + x] as number;
        }
        const area = (end(row) - start(row)) * (end(column) - start(column));
        out[(map * bins + row) * bins + column] = sum / area;
      }
    }
  }
  return out;
}
