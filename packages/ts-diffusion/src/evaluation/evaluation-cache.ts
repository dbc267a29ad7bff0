import type { FeatureStatistics } from './feature-statistics.js';

/**
 * Keeps what depends on real images and networks alone, and takes long: floors and statistics of features. A value is found by
 * everything it depends on, its key, so that a stale one is never taken.
 */
export interface EvaluationCache {
  /** A value that survives JSON: computed unless it is kept under the key. */
  value<T>(key: object, compute: () => T | Promise<T>): Promise<T>;
  /** Statistics of features: computed unless they are kept under the key. */
  statistics(key: object, compute: () => Promise<FeatureStatistics>): Promise<FeatureStatistics>;
}
