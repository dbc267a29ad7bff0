import { decode } from 'fast-png';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadDirectory } from '../../../ts-diffusion/src/node/data/directory.js';
import { DiffusionPipeline } from '../../../ts-diffusion/src/pipeline/diffusion-pipeline.js';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { tinyModel, writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { runCli } from './run-cli.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  writeTinyRun(join(folder, 'run'));
  return () => {
    rmSync(folder, { recursive: true });
  };
});

/** Runs a command that must succeed. @returns its standard output */
function succeed(...args: string[]): string {
  const { code, stdout, stderr } = runCli(args, folder, { DIFFUSION_CACHE_DIR: join(folder, 'cache') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') as string });
  return stdout;
}

const readPng = (name: string) => decode(readFileSync(join(folder, name)));

describe('diffusion sample', () => {
  test('without a checkpoint draws from the shipped model, as that is sampled unless something else is asked for', () => {
    const { models } = JSON.parse(readFileSync('packages/ts-diffusion/models/manifest.json', 'utf8')) as {
      models: {
        id: string;
        defaults: { sampler: string; samplingSteps: number; spacing: string; guidanceWeight: number };
      }[];
    };
    const shipped = models.find(({ id }) => id === 'modern')?.defaults;
    expect(shipped).toBeDefined();
    const stdout = succeed(...'sample --labels 7 -n 1 --steps 4 --out 7.png'.split(' '));
    expect(stdout).toContain(`sampler ${String(shipped?.sampler)}, 4 of T = 1000 timesteps`);
    expect(stdout).toContain(
      `(cosine, ${String(shipped?.spacing)}), guidance weight omega = ${String(shipped?.guidanceWeight)} `,
    );
    const named = succeed(...`sample --labels 7 -n 1 --sampler ${String(shipped?.sampler)}`.split(' '));
    expect(named).toContain(
      `${String(shipped?.samplingSteps)} of T = 1000 timesteps (cosine, ${String(shipped?.spacing)})`,
    );
    const even = succeed(...'sample --labels 7 -n 1 --steps 4 --spacing even'.split(' '));
    expect(even).toContain('timesteps (cosine), guidance');
    const other = succeed(...'sample --labels 7 -n 1 --sampler ddim --steps 3 --guidance-scale 1'.split(' '));
    expect(other).toContain('sampler ddim, 3 of T = 1000 timesteps (cosine), guidance weight omega = 0 ');
    const { width, height } = readPng('7.png');
    expect([width, height]).toEqual([64, 64]);
  });

  let pipeline: DiffusionPipeline;
  beforeAll(async () => {
    pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), tinyModel());
  });
  afterAll(() => pipeline.dispose());

  test('draws one row per label, saying what and where', async () => {
    const stdout = succeed(...'sample --run run --labels 3,7 --per-class 4 --omega 0.5 --seed 9 --scale 1'.split(' '));
    expect(stdout).toContain(
      '8 images, sampler ddpm, 10 of T = 10 timesteps (linear), guidance weight omega = 0.5 (guidance scale s = 1 + omega = 1.5)',
    );
    expect(stdout).toContain('Wrote output/samples.png');
    const png = readPng('output/samples.png');
    expect([png.width, png.height, png.channels]).toEqual([4 * 10 + 2, 2 * 10 + 2, 1]);

    // The image in row 1, column 2 is number 6 of the seed.
    const { images } = await pipeline.generate({ labels: [3, 3, 3, 3, 7, 7, 7, 7], guidanceWeight: 0.5, seed: 9 });
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const drawn = png.data[(12 + y) * png.width + 22 + x] as number;
        expect(Math.abs(drawn - (images[6 * 64 + y * 8 + x] as number))).toBeLessThanOrEqual(1);
      }
    }
  });

  test('draws the film strip from T to 0 beside the grid', () => {
    const stdout = succeed(
      ...'sample --run run --per-class 1 --steps-strip 0,5,10 --out a/digits.png --scale 3'.split(' '),
    );
    expect(stdout).toContain('omega = 0.4'); // as the run was configured
    expect(stdout).toContain('Wrote a/digits-steps.png (columns: timesteps 10, 5, 0)');
    const strip = readPng('a/digits-steps.png');
    expect([strip.width, strip.height]).toEqual([3 * (3 * 10 + 2), 3 * (10 * 10 + 2)]);
    const grid = readPng('a/digits.png');
    expect([grid.width, grid.height]).toEqual([3 * (10 * 10 + 2), 3 * (10 + 2)]);
    // The strip's last column is the finished image: row 4 of the strip is column 4 of the grid.
    const block = (png: typeof grid, left: number, top: number): number[] =>
      Array.from({ length: 64 }, (_, i) => {
        const [x, y] = [left + (i % 8), top + Math.floor(i / 8)];
        return png.data[3 * y * png.width + 3 * x] as number;
      });
    expect(block(strip, 22, 42)).toEqual(block(grid, 42, 2));
  });

  test('writes single PNGs named by index and label', () => {
    succeed(...'sample --run run --labels 9 --count 2 --format png --out single'.split(' '));
    expect(readdirSync(join(folder, 'single')).sort()).toEqual(['0-9.png', '1-9.png']);
    expect(readPng('single/1-9.png').width).toBe(8);
  });

  test('writes images without a class', () => {
    succeed(...'sample --run run --labels none --count 1 --format png --out single'.split(' '));
    expect(readdirSync(join(folder, 'single'))).toEqual(['0-none.png']);
  });

  test('writes an IDX pair that is a data set', async () => {
    succeed(...'sample --run run --labels 2,5 -n 6 --format idx --out pair --omega 0'.split(' '));
    const dataset = await loadDirectory(join(folder, 'pair'), 'train');
    expect([dataset.count, dataset.height, dataset.width]).toEqual([6, 8, 8]);
    expect([...dataset.labels]).toEqual([2, 2, 2, 5, 5, 5]);
    const { images } = await pipeline.generate({ labels: [2, 2, 2, 5, 5, 5], guidanceWeight: 0 });
    expect(dataset.images).toBeCloseToTensor(images, { atol: 1 });
  });

  test('the same command draws the same file', () => {
    for (const name of ['a.png', 'b.png']) succeed('sample', '--run', 'run', '--per-class', '1', '--out', name);
    succeed('sample', '--run', 'run', '--per-class', '1', '--out', 'c.png', '--weights', 'model');
    const [a, b, c] = ['a.png', 'b.png', 'c.png'].map((name) => readFileSync(join(folder, name)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });
});

test('diffusion noise draws both schedules from the same image', () => {
  const stdout = succeed(
    ...'noise --offline --timesteps 100 --columns 5 --digit 3 --scale 2 --out noise.png'.split(' '),
  );
  expect(stdout).toContain('Rows: linear, cosine. Columns: timesteps 0, 25, 50, 75, 100.');
  const png = readPng('noise.png');
  expect([png.width, png.height]).toEqual([2 * (5 * 30 + 2), 2 * (2 * 30 + 2)]);
  const picture = (row: number, column: number): number[] =>
    Array.from({ length: 784 }, (_, i) => {
      const [x, y] = [2 + 30 * column + (i % 28), 2 + 30 * row + Math.floor(i / 28)];
      return png.data[2 * y * png.width + 2 * x] as number;
    });
  expect(succeed('noise', '--offline', '--timesteps', '3', '--out', 'short.png')).toContain('timesteps 0, 1, 2, 3.');
  // Timestep 0 is the clean image in both rows; in between the schedules differ.
  expect(picture(0, 0)).toEqual(picture(1, 0));
  expect(picture(0, 0).filter((value) => value === 0).length).toBeGreaterThan(392);
  expect(picture(0, 2)).not.toEqual(picture(1, 2));
});

test('diffusion export writes both files and says how to load them', () => {
  const stdout = succeed('export', '--run', 'run', '--out', 'exported');
  expect(stdout).toContain("InferenceSession.create('exported/denoiser.onnx')");
  expect(stdout).toContain('[B, 1, 8, 8]');
  expect(stdout).toContain('The output "prediction" is the noise epsilon.\nIts noise schedule is linear, T = 10');
  expect(existsSync(join(folder, 'exported/denoiser.onnx'))).toBe(true);
  expect(existsSync(join(folder, 'exported/model.safetensors'))).toBe(true);
});

test('diffusion export takes the shipped model where none is named, in float16 if asked', () => {
  expect(succeed('export', '--half', '--out', 'half')).toContain('cosine, T = 1000');
  expect(succeed('export', '--checkpoint', 'half/model.safetensors', '--out', 'full')).toContain('cosine, T = 1000');
  const [half = 0, full = 0] = ['half', 'full'].map((name) => statSync(join(folder, name, 'model.safetensors')).size);
  expect(half / full).toBeCloseTo(0.5, 2);
});

test('diffusion doctor reports devices, speed, agreement and data', () => {
  const stdout = succeed('doctor', '--offline');
  expect(stdout).toContain(`node       ${process.version}`);
  expect(stdout).toMatch(/^cpu +onnxruntime-node [\d.]+, \d+ threads: [\d.e+]+ GFLOPS/m);
  expect(stdout).toMatch(/^agreement +pass/m);
  expect(stdout).toMatch(/^data +\d+ images of 28x28 in 10 classes/m);
});
