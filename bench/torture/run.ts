/**
 * Faults by the hundred, and whether anything is lost by them: `npm run torture`, or `npm run torture -- kills --seed 2`.
 */
import { parseArgs } from 'node:util';
import { formatDuration, ProgressBar } from '../../packages/cli/src/output/progress.js';
import { positiveNumber, someOf, wholeNumber } from '../support/options.js';
import { tortureByKills } from './kills.js';
import type { Outcome } from './outcome.js';
import { tortureQueues } from './queue.js';
import { tortureReaders } from './readers.js';
import { tortureStudio } from './studio.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    points: { type: 'string', default: 'all' },
    mutants: { type: 'string', default: '20000' },
    minutes: { type: 'string', default: '5' },
    faults: { type: 'string', default: '50' },
  },
});
const jobs = wholeNumber('jobs', values.jobs);
const points = values.points === 'all' ? Infinity : wholeNumber('points', values.points);
const mutants = wholeNumber('mutants', values.mutants);
const minutes = positiveNumber('minutes', values.minutes);
const faultsOfQueues = wholeNumber('faults', values.faults);
const options = { seed: wholeNumber('seed', values.seed, 0), progress: new ProgressBar() };

const tortures = {
  kills: () => tortureByKills(options, jobs, points),
  readers: () => tortureReaders(options, mutants),
  studio: () => tortureStudio(options, minutes),
  queue: () => tortureQueues(options, faultsOfQueues),
} satisfies Record<string, () => Promise<Outcome>>;
const names = Object.keys(tortures) as (keyof typeof tortures)[];
const chosen = positionals.length === 0 ? names : someOf('torture', positionals.join(), names);

let [faults, failures] = [0, 0];
for (const name of chosen) {
  const begin = performance.now();
  const outcome = await tortures[name]();
  options.progress.stop();
  faults += outcome.faults;
  failures += outcome.failures.length;
  const duration = formatDuration(performance.now() - begin);
  console.log(`\n${name}: ${outcome.faults} faults, ${outcome.failures.length} failures in ${duration}`);
  for (const line of outcome.figures) console.log(`  ${line}`);
  for (const line of outcome.failures.slice(0, 20)) console.log(`  FAILED  ${line}`);
}
console.log(`\nSeed ${options.seed}: ${faults} faults, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
