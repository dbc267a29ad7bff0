import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { readCheckpoint, runCheckpoints } from '../../../ts-diffusion/src/node/training/checkpoint.js';
import { readMetrics, readWatched } from '../../../ts-diffusion/src/node/training/metrics.js';
import { dueSteps } from '../../../ts-diffusion/src/training/sample-schedule.js';

/** What is wrong in the folder of a run that is not being trained; empty where nothing is. */
export function damages(folder: string): string[] {
  const found: string[] = [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    if (/\.tmp$|run\.lock|\.next\./.test(name)) found.push(`${name} was left behind`);
  }
  const path = join(folder, 'metrics.jsonl');
  const steps = existsSync(path) ? readMetrics(path).map(({ step }) => step) : [];
  const watched = existsSync(path) ? readWatched(path) : [];
  if (existsSync(path) && steps.length + watched.length !== readFileSync(path, 'utf8').split('\n').length - 1) {
    found.push('a line of the metrics is damaged');
  }
  if (steps.some((step, i) => step <= (steps[i - 1] ?? 0))) found.push(`the metrics are of steps ${steps.join()}`);

  // Stopped before its first step, a run has nothing to keep.
  if (!existsSync(runCheckpoints(folder).files.current))
    return steps.length === 0 ? found : [...found, 'no checkpoint'];
  const { step, config } = readCheckpoint(folder, (text) => found.push(text));
  if (steps.at(-1) !== step) found.push(`the metrics end with step ${steps.at(-1)}, the checkpoint is of ${step}`);
  for (const due of dueSteps(config, step)) {
    const grid = join(folder, 'samples', `step-${String(due).padStart(6, '0')}.png`);
    // The grid of the step that a run was stopped at is drawn when it goes on.
    if (!existsSync(grid)) found.push(...(due === step ? [] : [`no grid of step ${due}`]));
    else if (decode(readFileSync(grid)).width === 0) found.push(`an empty grid of step ${due}`);
  }
  return found;
}
