import { callback, record, signature } from '../utils/arguments.js';
import type { EvaluationCache } from './evaluation-cache.js';
import { FeatureStatistics } from './feature-statistics.js';

const valueArguments = signature('cache.value', { key: record, compute: callback });
const statisticsArguments = signature('cache.statistics', { key: record, compute: callback });

/** An `EvaluationCache` in memory, for as long as it is referenced: scorers that share one compute the same things once. */
export class MemoryEvaluationCache implements EvaluationCache {
  /** As JSON and bytes, so that nobody changes what others get, as from a file. */
  readonly #values = new Map<string, string>();
  readonly #statistics = new Map<string, Uint8Array>();

  /** As `EvaluationCache.value`. */
  async value<T>(key: object, compute: () => T | Promise<T>): Promise<T> {
    valueArguments({ key, compute });
    const name = JSON.stringify(key);
    const kept = this.#values.get(name);
    if (kept !== undefined) return JSON.parse(kept) as T;
    const value = await compute();
    this.#values.set(name, JSON.stringify(value));
    return value;
  }

  /** As `EvaluationCache.statistics`. */
  async statistics(key: object, compute: () => Promise<FeatureStatistics>): Promise<FeatureStatistics> {
    statisticsArguments({ key, compute });
    const name = JSON.stringify(key);
    const kept = this.#statistics.get(name);
    if (kept !== undefined) return FeatureStatistics.fromBytes(kept, 'statistics in memory');
    const statistics = await compute();
    this.#statistics.set(name, statistics.toBytes());
    return statistics;
  }
}
