/**
 * The preset `quick` beside PyTorch programs that train for the same processor time on one thread (docs/results/speedrun.md):
 *
 *     npm run build && npx tsx bench/speedrun.ts --python PYTHON [--only preset-675,diffusers] [--probes 5]
 *
 * PYTHON has torch, diffusers and denoising-diffusion-pytorch. What `--out` already holds is not computed again.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../packages/ts-diffusion/src/node/files/atomic-file.js';
import { FRECHET_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/frechet.js';
import { LABEL_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/label-accuracy.js';
import { RECALL_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/neighbourhoods.js';
import { positiveNumber, someOf, wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { contendersFor, diffusionCommand, trainingCommand, type Contender } from './support/speedrun-contenders.js';
import { probeSteps } from './support/speedrun-probes.js';
import { timedOutput } from './support/timed-command.js';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    /** Processor time that the preset's training takes on one thread. */
    seconds: { type: 'string', default: '170' },
    /** Further budget of the two PyTorch programs: ten times what the preset takes to five times the floor. */
    longer: { type: 'string', default: '620' },
    samples: { type: 'string', default: '2000' },
    only: { type: 'string' },
    /** Rounds of probes of the time of a step. */
    probes: { type: 'string', default: '0' },
    /** Folder of MNIST, whose test digits are the reference. */
    data: { type: 'string', default: process.env['DIFFUSION_DATA_DIR'] ?? 'data' },
    out: { type: 'string', default: 'runs/speedrun' },
  },
});
const count = wholeNumber('samples', options.samples);
const probes = wholeNumber('probes', options.probes, 0);
const contenders = contendersFor(positiveNumber('seconds', options.seconds), positiveNumber('longer', options.longer));
const names = contenders.map(({ name }) => name);
const wanted = options.only === '' ? [] : someOf('only', options.only ?? names.join(), names);

/** What a line of a contender's results.jsonl holds. */
interface Trained {
  readonly steps: number;
  /** Processor time of the training, from the start of the program. */
  readonly seconds: number;
  /** Mean of the last 50 steps. */
  readonly loss: number;
  /** Folder of the samples; absent: `diffusion evaluate` draws them. */
  readonly samples?: string;
}

/** Lines of metrics.jsonl, each the mean of ten steps. */
const LAST_LINES = 5;

function lossOf(run: string): number {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n').slice(-LAST_LINES);
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { loss: number }).loss, 0) / lines.length;
}

async function train(contender: Contender): Promise<string> {
  const folder = join(options.out, contender.name);
  const { output, seconds } = await timedOutput(trainingCommand(contender, { python: options.python, folder, count }));
  if (contender.script !== undefined) return output.trim();
  return JSON.stringify({ steps: contender.steps, seconds, loss: lossOf(join(folder, 'run')) });
}

async function resultsOf(contender: Contender): Promise<readonly Trained[]> {
  const path = join(options.out, contender.name, 'results.jsonl');
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic(path, `${await train(contender)}\n`);
  }
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Trained);
}

interface Score {
  readonly metric: string;
  readonly value: number;
  readonly standardDeviation?: number;
  readonly floor?: number;
  readonly conditions: { readonly samples: number };
}

const judging = '--judges 0 --near-copies 0 --no-thorough --threads 1 --offline'.split(' ');
const drawing = '--sampler dpm-solver++ --steps 10 --spacing trailing --omega 0.8'.split(' ');

/** Scores of a contender's samples against the test digits. */
async function scoresOf({ name }: Contender, { steps, samples }: Trained): Promise<readonly Score[]> {
  const folder = join(options.out, name);
  const receipt = join(folder, `receipt-${steps}.json`);
  if (!existsSync(receipt)) {
    const drawn = ['--run', join(folder, 'run'), '-n', `${count}`, ...drawing];
    const source = samples === undefined ? drawn : ['--images', samples];
    const reference = ['--data', options.data, ...judging];
    await timedOutput([...diffusionCommand, 'evaluate', ...source, ...reference, '--receipt', receipt]);
  }
  return (JSON.parse(readFileSync(receipt, 'utf8')) as { scores: Score[] }).scores;
}

function row({ title }: Contender, { steps, seconds, loss }: Trained, scores: readonly Score[]): string {
  const score = (metric: string): Score | undefined => scores.find((each) => each.metric === metric);
  const [distance, labels, recall] = [score(FRECHET_METRIC), score(LABEL_METRIC), score(RECALL_METRIC)];
  const { value = NaN, standardDeviation = NaN, floor = NaN } = distance ?? {};
  const cells = [
    title,
    steps,
    seconds.toFixed(0),
    ((1000 * seconds) / steps).toFixed(0),
    loss.toFixed(4),
    distance?.conditions.samples,
    `${value.toPrecision(3)} ± ${standardDeviation.toPrecision(1)}`,
    floor.toFixed(2),
    `${(value / floor).toPrecision(3)} ×`,
    `${(100 * (labels?.value ?? NaN)).toFixed(1)} %`,
    (recall?.value ?? NaN).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

const columns =
  'program, steps, processor time in s, ms per step, loss, samples, distance, real digits, ratio, labels, recall';

heading('Peers of the speedrun', `npx tsx bench/speedrun.ts ${process.argv.slice(2).join(' ')}`);
if (probes > 0) {
  say('\nProcessor time of a step on one thread, ten steps in turn;');
  await probeSteps(options.python, probes);
}
if (wanted.length > 0) {
  say(`\n| ${columns.replaceAll(', ', ' | ')} |`);
  say(`|${' --- |'.repeat(columns.split(', ').length)}`);
  for (const contender of contenders.filter(({ name }) => wanted.includes(name))) {
    for (const trained of await resultsOf(contender)) say(row(contender, trained, await scoresOf(contender, trained)));
  }
}
