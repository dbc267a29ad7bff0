/**
 * The preset `quick` beside PyTorch programs that train for the same processor time on one thread (docs/results/speedrun.md):
 *
 *     npm run build && npx tsx bench/speedrun.ts --python PYTHON --seconds 173 [--only preset-675,diffusers]
 *
 * PYTHON has torch, diffusers and denoising-diffusion-pytorch. What `--out` already holds is not computed again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { shippedDigitFiles } from '../packages/ts-diffusion/src/shipped/digits.js';
import { writeFileAtomic } from '../packages/ts-diffusion/src/node/files/atomic-file.js';
import { FRECHET_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/frechet.js';
import { LABEL_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/label-accuracy.js';
import { RECALL_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/neighbourhoods.js';
import { positiveNumber, someOf, wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { contendersFor, type Contender } from './support/speedrun-contenders.js';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    /** Processor time that the preset's training takes on one thread. */
    seconds: { type: 'string', default: '173' },
    samples: { type: 'string', default: '2000' },
    only: { type: 'string' },
    /** Folder of MNIST, whose test digits are the reference. */
    data: { type: 'string', default: process.env['DIFFUSION_DATA_DIR'] ?? 'data' },
    out: { type: 'string', default: 'runs/speedrun' },
  },
});
const samples = wholeNumber('samples', options.samples);
const contenders = contendersFor(positiveNumber('seconds', options.seconds));
const names = contenders.map(({ name }) => name);
const wanted = someOf('only', options.only ?? names.join(), names);

/** What a line of a contender's results.jsonl holds. */
interface Trained {
  readonly steps: number;
  /** Processor time of the training, from the start of the program. */
  readonly seconds: number;
  /** Mean of the last 50 steps. */
  readonly loss: number;
  /** Folder of the samples; absent: they are drawn by `diffusion evaluate`. */
  readonly samples?: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const diffusion = [process.execPath, here('../packages/cli/dist/main.js')];

/** What a command prints, and its processor time, s. @throws Error where it fails */
async function timedOutput(command: readonly string[]): Promise<{ output: string; seconds: number }> {
  const timing = ['-c', 'TIMEFORMAT="%U %S"; time "$0" "$@" 2> /dev/null', ...command];
  const child = spawn('bash', timing, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, times]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (part: Buffer) => output.push(part));
  child.stderr.on('data', (part: Buffer) => times.push(part));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${command.join(' ')}: exit code ${code}`);
  const [user = NaN, system = NaN] = Buffer.concat(times).toString().trim().split(' ').map(Number);
  return { output: Buffer.concat(output).toString(), seconds: user + system };
}

function lossOf(run: string): number {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n').slice(-5);
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { loss: number }).loss, 0) / lines.length;
}

async function train({ name, script, steps = 0, seconds = [], flags = [], ...own }: Contender): Promise<string> {
  const folder = join(options.out, name);
  if (script === undefined) {
    const run = ['--run', join(folder, 'run'), '--preset', 'quick', '--steps', `${steps}`];
    const spent = await timedOutput([...diffusion, 'train', ...run, '--data', 'embedded', '--threads', '1']);
    return JSON.stringify({ steps, seconds: spent.seconds, loss: lossOf(join(folder, 'run')) } satisfies Trained);
  }
  const digits = dirname(fileURLToPath(shippedDigitFiles.images));
  const places = ['--digits', digits, '--out', folder, '--samples', `${own.samples ?? samples}`];
  const budget = ['--steps', `${steps}`, '--seconds', ...seconds.map(String)];
  const command = [options.python, here(`peer/speedrun/${script}`), ...places, ...budget, ...flags];
  return (await timedOutput(command)).output;
}

async function resultsOf(contender: Contender): Promise<readonly Trained[]> {
  const path = join(options.out, contender.name, 'results.jsonl');
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic(path, `${(await train(contender)).trim()}\n`);
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

/** Scores against the test digits, of the samples that a contender drew or of a run. */
async function scoresOf({ name }: Contender, { steps, samples: images }: Trained): Promise<readonly Score[]> {
  const folder = join(options.out, name);
  const receipt = join(folder, `receipt-${steps}.json`);
  if (!existsSync(receipt)) {
    const drawn = ['--run', join(folder, 'run'), '-n', `${samples}`, ...drawing];
    const source = images === undefined ? drawn : ['--images', images];
    await timedOutput([...diffusion, 'evaluate', ...source, '--data', options.data, ...judging, '--receipt', receipt]);
  }
  return (JSON.parse(readFileSync(receipt, 'utf8')) as { scores: Score[] }).scores;
}

function row({ title }: Contender, trained: Trained, scores: readonly Score[]): string {
  const score = (metric: string): Score | undefined => scores.find((each) => each.metric === metric);
  const [distance, labels, recall] = [score(FRECHET_METRIC), score(LABEL_METRIC), score(RECALL_METRIC)];
  const { value = NaN, standardDeviation = NaN, floor = NaN } = distance ?? {};
  const cells = [
    title,
    trained.steps,
    trained.seconds.toFixed(0),
    ((1000 * trained.seconds) / trained.steps).toFixed(0),
    distance?.conditions.samples,
    `${value.toPrecision(3)} ± ${standardDeviation.toPrecision(1)}`,
    floor.toFixed(2),
    `${(value / floor).toPrecision(3)} ×`,
    `${(100 * (labels?.value ?? NaN)).toFixed(1)} %`,
    (recall?.value ?? NaN).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

heading('Peers of the speedrun', `npx tsx bench/speedrun.ts ${process.argv.slice(2).join(' ')}\n`);
say(
  '| program | steps | processor time, s | ms per step | samples | distance | real digits | ratio | labels | recall |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const contender of contenders.filter(({ name }) => wanted.includes(name))) {
  for (const trained of await resultsOf(contender)) say(row(contender, trained, await scoresOf(contender, trained)));
}
