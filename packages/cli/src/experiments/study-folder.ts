import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from 'ts-diffusion/data';
import { ConfigError, DataError } from 'ts-diffusion/errors';
import { writeFileAtomic } from 'ts-diffusion/node';
import { describeBudget } from './budget.js';
import type { Cell, SamplesPlan, Study, TrainingPlan } from './plan.js';

/**
 * The folder of a study: `study.json`, `runs/ID` (run folders), `samples/ID` (IDX pairs), `receipts/ID.json`,
 * `details/ID.json` (what the report shows beside scores), `report.html`, `report.md` and `figures/`.
 */
export class StudyFolder {
  /**
   * @throws ConfigError where the folder holds a study with another budget: its cells would not compare with the new ones
   */
  constructor(
    readonly path: string,
    study: Study,
  ) {
    const file = join(path, 'study.json');
    const budget = describeBudget(study.budget);
    if (!existsSync(file)) {
      writeFileAtomic(file, `${JSON.stringify({ budget }, null, 2)}\n`);
      return;
    }
    const saved = readJson(file) as { readonly budget?: string };
    if (saved.budget !== budget) {
      throw new ConfigError(
        `${path} contains a study with the budget ${saved.budget ?? 'unknown'}, but the requested budget is ${budget}. ` +
          'Give the same budget to resume it, or another folder with --out.',
      );
    }
  }

  run({ id }: TrainingPlan): string {
    return join(this.path, 'runs', id);
  }

  samples({ id }: SamplesPlan): string {
    return join(this.path, 'samples', id);
  }

  receipt({ id }: Cell): string {
    return join(this.path, 'receipts', `${id}.json`);
  }

  details({ id }: Cell): string {
    return join(this.path, 'details', `${id}.json`);
  }

  /** Scored, with everything the report needs. */
  isDone(cell: Cell): boolean {
    return existsSync(this.receipt(cell)) && existsSync(this.details(cell));
  }
}

/** @throws DataError for a file that is not JSON */
export function readJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path));
  } catch (error) {
    throw new DataError(`${path}: not valid JSON (${(error as Error).message}); delete the file and run again.`);
  }
}
