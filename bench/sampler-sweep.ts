import { parseArgs } from 'node:util';
import { predictionTypes } from '../packages/ts-diffusion/src/diffusion/prediction.js';
import { timestepSpacings } from '../packages/ts-diffusion/src/diffusion/timestep-spacing.js';
import { samplerNames } from '../packages/ts-diffusion/src/diffusion/samplers/index.js';
import {
  sweep,
  sweepSize,
  sweepTasks,
  sweptSchedules,
  type SweepSettings,
  type SweptCell,
} from '../packages/ts-diffusion/test/diffusion/sampler-sweep.js';
import { someOf, wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';

const HELP = `Draws from the exact denoiser of a Gaussian mixture with every sampler, schedule, T, spacing, number of steps, prediction and way of
drawing, and compares the pixels drawn with the distribution that they should have (docs/results/samplers.md).

  npx tsx bench/sampler-sweep.ts [options]

  --samplers <names>      default: all, ddpm and ddim with their own options, too
  --spacings <names>      default: ${timestepSpacings.join()}
  --predictions <names>   default: ${predictionTypes.join()}
  --tasks <names>         default: ${sweepTasks.join()}
  --steps <list>          numbers of steps; default: 1,2,3,4,5,7,10,13,20,25,50,100
  --size <n>              side of the images, of which there are 4; default: 8
  --seed <n>              default: 0
  --failures              list every combination that failed, below the tables

Exits with 1 where an image is not finite or implausible.
`;

const { values: options } = parseArgs({
  options: {
    samplers: { type: 'string', default: samplerNames.join() },
    spacings: { type: 'string', default: timestepSpacings.join() },
    predictions: { type: 'string', default: predictionTypes.join() },
    tasks: { type: 'string', default: sweepTasks.join() },
    steps: { type: 'string', default: '1,2,3,4,5,7,10,13,20,25,50,100' },
    size: { type: 'string', default: '8' },
    seed: { type: 'string', default: '0' },
    failures: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  process.stdout.write(HELP);
  process.exit();
}

const settings: SweepSettings = {
  schedules: sweptSchedules,
  samplers: someOf('samplers', options.samplers, samplerNames),
  spacings: someOf('spacings', options.spacings, timestepSpacings),
  predictions: someOf('predictions', options.predictions, predictionTypes),
  tasks: someOf('tasks', options.tasks, sweepTasks),
  steps: options.steps.split(',').map((text) => wholeNumber('steps', text)),
  imageSize: wholeNumber('size', options.size),
  seed: wholeNumber('seed', options.seed, 0),
};

const total = sweepSize(settings);
const cells: SweptCell[] = [];
let shown = 0;
for await (const cell of sweep(settings)) {
  cells.push(cell);
  if (!process.stderr.isTTY || performance.now() - shown < 200) continue;
  shown = performance.now();
  process.stderr.write(`\r${cells.length} of at most ${total}: ${cell.schedule}, ${cell.task}, ${cell.sampler}\x1b[K`);
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

heading('Samplers against a closed form', `npx tsx bench/sampler-sweep.ts ${process.argv.slice(2).join(' ')}`.trim());
const failed = cells.filter(({ problem }) => problem !== undefined);
const judged = cells.filter(({ bound }) => Number.isFinite(bound));
say(`- seed ${settings.seed}, 4 images of ${settings.imageSize} x ${settings.imageSize} pixels for each combination`);
say(`- ${cells.length} combinations, ${judged.length} of them with a bound: ${failed.length} failed\n`);

/** One row per value of `key`. */
function table(key: 'sampler' | 'schedule' | 'task' | 'prediction' | 'spacing'): void {
  say(
    `| ${key} | combinations | not finite | implausible | largest share of the bound | median distance at 20 steps |`,
  );
  say('| --- | --- | --- | --- | --- | --- |');
  for (const value of new Set(cells.map((cell) => cell[key]))) {
    const own = cells.filter((cell) => cell[key] === value);
    const notFinite = own.filter(({ distance }) => !Number.isFinite(distance));
    const implausible = own.filter(({ problem }) => problem === 'implausible');
    const shares = own.map(({ distance, bound }) => distance / bound).filter(Number.isFinite);
    const twenty = own.filter(({ steps, bound }) => steps === 20 && Number.isFinite(bound));
    const distances = twenty.map(({ distance }) => distance).sort((a, b) => a - b);
    const median = distances[Math.floor(distances.length / 2)];
    const numbers = [own.length, notFinite.length, implausible.length];
    say(`| ${[value, ...numbers, Math.max(0, ...shares).toFixed(2), median?.toFixed(3) ?? ''].join(' | ')} |`);
  }
  say();
}
for (const key of ['sampler', 'schedule', 'task', 'prediction', 'spacing'] as const) table(key);

if (options.failures) {
  for (const { task, sampler, schedule, prediction, spacing, steps, distance, bound, problem } of failed) {
    say(
      `- ${schedule}, ${prediction}, ${task}, ${sampler}, ${spacing}, ${steps} steps: distance ${distance.toPrecision(3)}, ` +
        `bound ${bound.toPrecision(3)}: ${problem ?? ''}`,
    );
  }
}
if (failed.length > 0) process.exitCode = 1;
