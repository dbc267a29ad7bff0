import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from '../formats/read-json.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { DataError, WriteError } from '../../utils/errors.js';
import { sha256Hex } from '../platform/sha256.js';
import type { EvaluationCache } from '../../evaluation/evaluation-cache.js';
import { FeatureStatistics } from '../../evaluation/feature-statistics.js';
import { callback, record, signature, text } from '../../utils/arguments.js';

/** Increased when a computation changes what it gives for the same key. */
const GENERATION = 1;

const cacheArguments = signature('new FileEvaluationCache', { folder: text });
const valueArguments = signature('cache.value', { key: record, compute: callback });
const statisticsArguments = signature('cache.statistics', { key: record, compute: callback });

/** An `EvaluationCache` as files, found by the SHA-256 of their keys. */
export class FileEvaluationCache implements EvaluationCache {
  /**
   * A cache in a folder.
   *
   * @param folder made when there is something to keep
   */
  constructor(private readonly folder: string) {
    cacheArguments({ folder });
  }

  /** As `EvaluationCache.value`. A damaged file is computed again. */
  async value<T>(key: object, compute: () => T | Promise<T>): Promise<T> {
    valueArguments({ key, compute });
    const path = this.#path(key, 'json');
    if (existsSync(path)) {
      try {
        const kept = readJsonFile(path) as { value?: T } | null;
        if (kept?.value !== undefined) return kept.value;
      } catch (error) {
        // A damaged file is replaced.
        if (!(error instanceof DataError)) throw error;
      }
    }
    const value = await compute();
    write(path, JSON.stringify({ key, value }));
    return value;
  }

  /** As `EvaluationCache.statistics`. A damaged file is computed again. */
  async statistics(key: object, compute: () => Promise<FeatureStatistics>): Promise<FeatureStatistics> {
    statisticsArguments({ key, compute });
    const path = this.#path(key, 'statistics');
    if (existsSync(path)) {
      try {
        return FeatureStatistics.fromBytes(readFileSync(path), path);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
      }
    }
    const statistics = await compute();
    write(path, statistics.toBytes());
    return statistics;
  }

  #path(key: object, extension: string): string {
    const hash = sha256Hex(new TextEncoder().encode(JSON.stringify({ GENERATION, key })));
    return join(this.folder, `${hash.slice(0, 32)}.${extension}`);
  }
}

/** A cache that cannot be written costs time, not the score. */
function write(path: string, data: Uint8Array | string): void {
  try {
    writeFileAtomic(path, data);
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
  }
}
