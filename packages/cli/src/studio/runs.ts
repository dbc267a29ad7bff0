import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lockHolder } from 'ts-diffusion/node';
import type { RunDetail, RunSummary } from './api.js';
import { lastLine } from './metrics-tail.js';
import { insideRuns, modifiedAt, namesIn } from './run-files.js';
import type { Trainings } from './trainings.js';

/** Receipts are a few kilobytes; nothing larger is sent whole. */
const LARGEST_RECEIPT = 256 * 1024;

const unreadable = { status: 'failed', ours: false, step: 0, steps: 0, modified: 0 } as const;

/** The runs folder as the page sees it. A run is a folder with a `config.json`, directly inside. */
export class Runs {
  readonly #cache = new Map<string, { readonly key: string; readonly summary: RunSummary }>();

  constructor(
    readonly folder: string,
    private readonly trainings: Trainings,
  ) {}

  /** Newest first. A run that cannot be read is listed as failed, with the reason; the others are not affected. */
  list(): RunSummary[] {
    return namesIn(this.folder)
      .filter((name) => this.#isRun(name))
      .flatMap((name) => {
        try {
          return [this.#summary(name)];
        } catch (error) {
          // Removed since it was listed.
          if (!this.#isRun(name)) return [];
          return [{ ...unreadable, name, error: `This run cannot be read: ${(error as Error).message}` }];
        }
      })
      .sort((a, b) => b.modified - a.modified || a.name.localeCompare(b.name));
  }

  /** @throws RequestError for a name that is no run's */
  detail(name: string): RunDetail {
    const path = insideRuns(this.folder, name);
    const receipts = namesIn(join(path, 'receipts'), '.json')
      .map((file) => insideRuns(this.folder, name, 'receipts', file))
      .filter((file) => {
        const { size = Infinity } = statSync(file, { throwIfNoEntry: false }) ?? {};
        return size <= LARGEST_RECEIPT;
      });
    return {
      ...this.#summary(name),
      config: this.#config(name),
      checkpoints: namesIn(path, '.safetensors').sort((a, b) => modifiedAt(join(path, b)) - modifiedAt(join(path, a))),
      samples: namesIn(join(path, 'samples'), '.png'),
      receipts: Object.fromEntries(receipts.map((file) => [basename(file), readJson(file)])),
    };
  }

  #isRun(name: string): boolean {
    try {
      return statSync(insideRuns(this.folder, name, 'config.json')).isFile();
    } catch {
      return false;
    }
  }

  #summary(name: string): RunSummary {
    const path = insideRuns(this.folder, name);
    const [configured, measured] = [modifiedAt(join(path, 'config.json')), modifiedAt(join(path, 'metrics.jsonl'))];
    const training = this.trainings.of(name);
    const busy = lockHolder(join(path, 'run.lock')) !== undefined;
    const key = JSON.stringify([configured, measured, training, busy]);
    const cached = this.#cache.get(name);
    if (cached?.key === key) return cached.summary;

    const last = lastLine(join(path, 'metrics.jsonl'));
    const { steps: configuredSteps } = this.#config(name);
    const steps = typeof configuredSteps === 'number' ? configuredSteps : 0;
    const step = last?.step ?? 0;
    // Who trains it now has not failed.
    const error = busy ? undefined : training?.error;
    const summary: RunSummary = {
      name,
      status:
        busy || training?.alive ? 'training' : error !== undefined ? 'failed' : step >= steps ? 'finished' : 'stopped',
      ours: training?.alive ?? false,
      ...(error === undefined ? {} : { error }),
      step,
      steps,
      ...(last === undefined ? {} : { loss: last.loss, msPerStep: last.msPerStep }),
      modified: Math.max(configured, measured),
    };
    this.#cache.set(name, { key, summary });
    return summary;
  }

  #config(name: string): Record<string, unknown> {
    const config = readJson(insideRuns(this.folder, name, 'config.json'));
    return typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {};
  }
}

/** Null for a file that is not JSON: it was edited by hand, and the rest of the run is still worth showing. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
