import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { someOf, wholeNumber } from './support/options.js';
import { heading, say, table } from './support/report.js';
import { alternate, summarise, timed } from './support/statistics.js';

/**
 * Whole commands beside Python programs that do the same, both started anew each time (docs/results/performance.md):
 *
 *     npm run build && npx tsx bench/commands.ts --python PYTHON --data FOLDER
 *
 * `--data`: MNIST's four IDX files, plain or `.gz`. The peer needs torch, safetensors, pillow, pytorch-fid.
 */
const parts = ['start', 'evaluate'] as const;
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: parts.join() },
    rounds: { type: 'string', default: '5' },
    images: { type: 'string', default: '10000' },
    python: { type: 'string', default: 'python3' },
    data: { type: 'string', default: process.env['DIFFUSION_DATA_DIR'] ?? 'data' },
  },
});
const only = someOf('only', options.only, parts);
const rounds = wholeNumber('rounds', options.rounds);
const images = wholeNumber('images', options.images);
// The programs run in a folder of their own.
const data = resolve(options.data);
const python = options.python.includes('/') ? resolve(options.python) : options.python;

const inRepository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const cli = inRepository('packages/cli/dist/main.js');
const models = inRepository('packages/ts-diffusion/models');
const root = mkdtempSync(join(tmpdir(), 'bench-commands-'));
const OURS = 'ts-diffusion';
const THEIRS = 'PyTorch';

function run(program: string, args: readonly string[]): Promise<number> {
  return timed(() => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: root });
    return status === 0 ? Promise.resolve() : Promise.reject(new Error(`${args.join(' ')}: ${stderr.slice(-2000)}`));
  });
}

const peer = (...args: readonly string[]): Promise<number> =>
  run(python, [inRepository('bench/peer/commands_peer.py'), ...args]);

function digits(name: string): string {
  const path = join(data, name);
  return existsSync(path) ? path : `${path}.gz`;
}

/** Until `file` is there; then the program, which would go on for minutes, is ended. */
async function untilFile(file: string, args: readonly string[]): Promise<number> {
  rmSync(join(root, 'run'), { recursive: true, force: true });
  const env = { ...process.env, DIFFUSION_DATA_DIR: '' };
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore', env });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const milliseconds = await timed(async () => {
    while (!existsSync(join(root, file))) await delay(5);
  });
  child.kill('SIGKILL');
  await ended;
  return milliseconds;
}

function report(title: string, results: Readonly<Record<string, readonly number[]>>): void {
  say(`\n## ${title}\n`);
  table(results);
  const [ours, theirs] = [OURS, THEIRS].map((name) => summarise(results[name] ?? []).median);
  say(`- **${((ours ?? NaN) / (theirs ?? NaN)).toFixed(2)} of the time of PyTorch**`);
}

heading('Whole commands', `npx tsx bench/commands.ts ${process.argv.slice(2).join(' ')}`);
try {
  if (only.includes('start')) {
    const results = await alternate(
      {
        [OURS]: () => untilFile('run/gallery/modern.png', [cli, 'start', '--run', 'run']),
        [THEIRS]: () => peer('picture', join(models, 'modern.safetensors'), join(root, 'theirs.png')),
      },
      rounds,
    );
    report('`diffusion start` to its first picture: ten of each digit by `modern`', results);
  }
  if (only.includes('evaluate')) {
    const samples = join(root, 'samples');
    await run(process.execPath, [
      cli,
      'sample',
      '--model',
      'student',
      '-n',
      String(images),
      '--format',
      'idx',
      '--out',
      samples,
    ]);
    const [real, training] = [digits('t10k-images-idx3-ubyte'), digits('train-images-idx3-ubyte')];
    const without = ['--no-thorough', '--judges', '0', '--near-copies', '0', '--data', data];
    const results = await alternate(
      {
        [OURS]: () =>
          run(process.execPath, [cli, 'evaluate', '--images', samples, ...without, '--receipt', 'receipt.json']),
        [THEIRS]: () => peer('scores', join(samples, 'samples-images-idx3-ubyte'), real, training, models),
      },
      rounds,
    );
    report(`\`diffusion evaluate\` of ${images.toLocaleString('en')} images, and the floors of its scores`, results);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
