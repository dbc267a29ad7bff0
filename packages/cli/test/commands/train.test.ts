import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliPath, runCli, type CliResult } from './run-cli.js';

const tiny =
  '--channels 4,8,16 --timesteps 10 --sampling-steps 0 --batch-size 4 --threads 1 --checkpoint-every 5 --offline'.split(
    ' ',
  );

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'train-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Without the data that this machine may have: the embedded digits are the same everywhere. */
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  DIFFUSION_DATA_DIR: '',
  DIFFUSION_CACHE_DIR: join(root, 'no-cache'),
});

const diffusion = (...args: string[]): CliResult => runCli(args, root, environment());

function spawnDiffusion(...args: string[]): ChildProcess {
  return spawn(process.execPath, [cliPath, ...args], { cwd: root, env: environment() });
}

const savedConfig = (run: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(root, run, 'config.json'), 'utf8')) as Record<string, unknown>;

describe('diffusion train', () => {
  test('trains into a run folder, says what it does, and goes on where it stopped', () => {
    writeFileSync(join(root, 'mine.json'), '{"batchSize": 3, "steps": 4}');
    const first = diffusion('train', ...tiny, '--config', 'mine.json', '--steps', '7', '--sample-every', '5');
    expect(first.stderr).toMatch(
      /embedded.*[\s\S]*device {9}cpu, 1 threads[\s\S]*9,157 parameters[\s\S]*Trained 7 steps/,
    );
    expect(first.code).toBe(0);
    expect(savedConfig('runs/paper-1')).toMatchObject({ steps: 7, batchSize: 4, schedule: 'linear' });
    const grid = decode(readFileSync(join(root, 'runs/paper-1/samples/step-000005.png')));
    expect([grid.width, grid.height]).toEqual([2 * 30 + 2, 10 * 30 + 2].map((pixels) => 3 * pixels));

    const second = diffusion('train', '--run', 'runs/paper-1', '--resume', '--steps', '9');
    expect(second.stderr).toMatch(/Resuming after step 7[\s\S]*Trained 9 steps/);
    expect(savedConfig('runs/paper-1')).toMatchObject({ steps: 9 });
    expect(readdirSync(join(root, 'runs'))).toEqual(['paper-1']);

    const further = diffusion('train', ...tiny, '--steps', '1', '--initial-weights', 'runs/paper-1');
    expect(further.stderr).toMatch(/starts from {4}the weights of runs\/paper-1, step 9\n[\s\S]*Trained 1 steps/);
    expect(savedConfig('runs/paper-2')).toMatchObject({ initialWeights: 'runs/paper-1' });

    const wrong = diffusion('train', ...tiny, '--steps', '1', '--initial-weights', 'runs');
    expect(wrong.stderr).toMatch(
      /^error: "initialWeights" is "runs": runs.checkpoint\.safetensors: no such checkpoint/m,
    );
    const shipped = diffusion('train', ...tiny, '--steps', '1', '--initial-weights', 'quick');
    expect(shipped.stderr).toMatch(
      /starts from {4}the weights of quick, step 2700, trained with the cosine schedule, T = 500/,
    );
    expect(shipped.stderr).toMatch(
      /^error: quick: the network of these weights has "architecture" "modern-unet", this run.s has "paper-unet"/m,
    );
  });

  test('the first Ctrl-C finishes the step and writes a checkpoint', { timeout: 60_000 }, async () => {
    const child = spawnDiffusion(
      'train',
      ...tiny,
      '--run',
      'run',
      '--steps',
      '1000000',
      '--checkpoint-every',
      '999999',
    );
    let text = '';
    child.stderr?.on('data', (part: Buffer) => {
      text += part.toString();
      if (part.toString().includes('Training')) setTimeout(() => child.kill('SIGINT'), 300);
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(text).toMatch(
      /Stopping after the current step, which is saved first\.[\s\S]*Stopped after step \d+ of 1000000\. Resume with: diffusion train --run run --resume/,
    );
    expect(code).toBe(130);
    expect(existsSync(join(root, 'run/checkpoint.safetensors'))).toBe(true);
    expect(existsSync(join(root, 'run/run.lock'))).toBe(false);
  });

  test.each([
    [['--preset', 'huge'], /error: Unknown preset "huge"\. Presets: paper, quick, modern, images\./],
    [['--stepz', '3'], /error: unknown option '--stepz'[\s\S]*Options: .*--steps/],
    [['--steps', 'many'], /error: option '--steps <integer>' argument 'many' is invalid\. Expected a number\./],
    [['--steps', '-1'], /error: training configuration: "steps": /],
    [['--config', 'missing.json'], /error: missing\.json: the configuration file cannot be read/],
    [['--resume'], /error: Which run should be resumed/],
    [['--resume', '--run', 'none'], /error: none: there is no run to resume/],
    [['--resume', '--run', 'none', '--preset', 'quick'], /error: .*remove --preset/],
    [['--run', 'r', '--data', 'nowhere', '--offline'], /error: .*nowhere/],
  ])('%j is one clear error', (args, message) => {
    const { code, stderr } = diffusion('train', ...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at |unexpected/);
    expect(code).toBe(1);
  });
});

test('a field that a configuration file sets can be unset', () => {
  writeFileSync(join(root, 'offline.json'), '{"offline": true, "rescaleBetas": true}');
  const args = [...tiny.filter((arg) => arg !== '--offline'), '--steps', '1', '--data', 'embedded'];
  diffusion('train', ...args, '--config', 'offline.json', '--no-offline', '--no-rescale-betas', '--run', 'run');
  expect(savedConfig('run')).toMatchObject({ steps: 1, offline: false, rescaleBetas: false });
});

describe('diffusion start', () => {
  // A network that is quick to train and to sample from, as `start` itself would not choose it.
  const trainTiny = (run: string): CliResult =>
    diffusion(
      'train',
      '--preset',
      'quick',
      ...tiny,
      ...'--channels 8,16 --steps 12 --data embedded --run'.split(' '),
      run,
    );

  test('goes on with its own unfinished run, draws ten of each digit, and the next is a new run', () => {
    trainTiny('runs/start-3');
    trainTiny('runs/quick-7');
    const { code, stderr } = diffusion('start');
    expect(stderr).toMatch(/Resuming after step 12[\s\S]*one row per class: runs.start-3.digits\.png[\s\S]*Next:/);
    expect(code).toBe(0);
    const grid = decode(readFileSync(join(root, 'runs/start-3/digits.png')));
    expect([grid.width, grid.height]).toEqual([906, 906]);

    // A start that fails before it trains leaves nothing behind that the next one would trip over.
    expect(diffusion('start', '--data', 'nowhere').stderr).toMatch(/error: .*nowhere/);
    expect(savedConfig('runs/start-4')).toMatchObject({ data: 'nowhere' });
    expect(diffusion('start', '--data', 'elsewhere').stderr).toMatch(/error: .*elsewhere/);
    expect(savedConfig('runs/start-4')).toMatchObject({ data: 'elsewhere' });
    expect(readdirSync(join(root, 'runs')).sort()).toEqual(['quick-7', 'start-3', 'start-4']);
    expect(readdirSync(join(root, 'runs/quick-7'))).not.toContain('digits.png');
  });

  test('interrupted before it trains, says that it kept nothing', async () => {
    const child = spawnDiffusion('start', '--threads', '1', '--seed', '3');
    let text = '';
    child.stderr?.on('data', (part: Buffer) => {
      const isFirst = text === '';
      text += part.toString();
      if (isFirst) child.kill('SIGINT');
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(code).toBe(130);
    expect(text).toMatch(/^Sampling [^]*Stopped before the first step\. Run the same command to start again\.\n$/);
  });

  test('uses the embedded digits, which are the same everywhere, unless other data are asked for', async () => {
    const child = spawnDiffusion('start', '--threads', '1');
    let text = '';
    child.stderr?.on('data', (part: Buffer) => {
      text += part.toString();
      if (text.includes('run folder')) child.kill('SIGKILL');
    });
    await new Promise((done) => child.on('close', done));
    // Models in the package come first, so that there is something to look at.
    expect(text).toMatch(/^Sampling 10 images of each digit [^]*Wrote runs.start-1.gallery.modern\.png/);
    const sizes = ['modern', 'colour'].map((model) => {
      const { width, height, channels } = decode(readFileSync(join(root, `runs/start-1/gallery/${model}.png`)));
      return { width, height, channels };
    });
    expect(sizes).toMatchObject([
      { width: 906, height: 906 },
      { width: 1026, height: 1026, channels: 3 },
    ]);
    expect(text).toMatch(
      /^configuration .*\n(?: {2}.*\n)+data +10000 images of 28x28 from the first 10,000 MNIST training digits/m,
    );
    expect(savedConfig('runs/start-1')).toMatchObject({ data: 'embedded' });

    const elsewhere = { ...environment(), DIFFUSION_DATA_DIR: join(root, 'elsewhere') };
    expect(runCli(['start', '--run', 'mine'], root, elsewhere).stderr).toMatch(/error: .*elsewhere/);
    expect(savedConfig('mine')).toMatchObject({ data: join(root, 'elsewhere') });
  });
});
