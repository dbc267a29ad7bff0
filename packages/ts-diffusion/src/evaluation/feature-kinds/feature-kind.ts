import type { Features } from '../features.js';
import type { ProgressHook } from '../progress.js';
import type { ScoringNetwork } from '../receipt.js';
import type { ScoredImages } from '../scored-images.js';

/** A way of describing images by vectors, over which a Fréchet distance is taken. */
export interface FeatureKind {
  /** For people: what stands in parentheses behind the name of the distance. */
  readonly name: string;
  /** What computes them; null where no network does. */
  readonly network: ScoringNetwork | null;
  /** What the vectors depend on besides the images, for the cache. */
  readonly key: object;
  of(images: ScoredImages, onProgress?: ProgressHook): Promise<Features>;
}
