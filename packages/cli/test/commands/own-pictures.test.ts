import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeModelFile } from '../../../ts-diffusion/src/pipeline/model-file.js';
import { readModelSummary } from '../../../ts-diffusion/test/onnx/model-summary.js';
import { cliPath, runCli } from './run-cli.js';

/** 60 pictures of 12x10 in two classes: a reddish and a bluish half-plane each, at random places. */
const COUNT = 60;
const NAMES = ['bluish', 'красный'];

const root = mkdtempSync(join(tmpdir(), 'own-pictures-'));

function run(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  return runCli(args, root, { DIFFUSION_CACHE_DIR: join(root, 'cache') });
}

function succeed(words: string): { stdout: string; stderr: string } {
  const { code, stdout, stderr } = run(...words.split(' '));
  expect(code, stderr).toBe(0);
  return { stdout, stderr };
}

async function pixels(file: string) {
  const { data, info } = await sharp(join(root, file)).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Whether some pixel is other than gray. */
const isColoured = ({ data, channels }: { data: Uint8Array; channels: number }): boolean =>
  data.some((value, i) => i % channels === 0 && (value !== data[i + 1] || value !== data[i + 2]));

const TRAIN =
  'train --preset quick --data pictures --channels 8,16 --timesteps 20 --steps 3 --batch-size 8 --threads 1 --image-size 16 --sampling-steps 0';

beforeAll(async () => {
  for (const name of NAMES) mkdirSync(join(root, 'pictures', name), { recursive: true });
  for (let i = 0; i < COUNT; i++) {
    const red = i % 2;
    const data = Uint8Array.from({ length: 12 * 10 * 3 }, (_, at) => {
      const isLit = (Math.floor(at / 3) % 12) * 7 > (i * 13) % 80;
      return isLit && at % 3 === (red ? 0 : 2) ? 220 : 30;
    });
    const file = join(root, 'pictures', NAMES[red] as string, `${i}.png`);
    await sharp(data, { raw: { width: 12, height: 10, channels: 3 } })
      .png()
      .toFile(file);
  }
  const { stderr } = succeed(`${TRAIN} --run run --sample-every 3 --samples-per-class 2 --fit pad --flip`);
  expect(stderr).toMatch(/^data +60 images of 16x16 RGB from pictures/m);
  expect(stderr).toMatch(/^classes +bluish, красный$/m);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('a model of colour pictures in named classes', () => {
  test('draws its grid while it trains, a row for each class', async () => {
    const grid = await pixels('run/samples/step-000003.png');
    expect([grid.width, grid.height, grid.channels]).toEqual([3 * (2 * 18 + 2), 3 * (2 * 18 + 2), 3]);
    expect(isColoured(grid)).toBe(true);
  });

  test('is drawn from by the names of classes, into every format', async () => {
    const { stdout } = succeed(
      'sample --run run --labels красный,bluish --per-class 2 --steps 3 --scale 1 --out drawn.png --steps-strip --animate',
    );
    expect(stdout).toContain('Classes: красный, bluish');
    const drawn = await pixels('drawn.png');
    expect([drawn.width, drawn.height, drawn.channels]).toEqual([38, 38, 3]);
    expect(isColoured(drawn)).toBe(true);
    const strip = await pixels('drawn-steps.png');
    expect([strip.width, strip.height, strip.channels]).toEqual([4 * 18 + 2, 4 * 18 + 2, 3]);
    expect(isColoured(strip)).toBe(true);
    expect(isColoured(await pixels('drawn.gif'))).toBe(true);

    // By label: the same images, one by one.
    succeed('sample --run run --labels 1,0 --per-class 2 --steps 3 --format png --out single');
    const single = await pixels('single/2-0.png');
    expect([single.width, single.height, single.channels]).toEqual([16, 16, 3]);
    for (let y = 0; y < 16; y++) {
      const row = single.data.subarray(y * 48, (y + 1) * 48);
      const at = ((20 + y) * 38 + 2) * 3;
      expect([...drawn.data.subarray(at, at + 48)]).toEqual([...row]);
    }
  });

  test('refuses what it has not: another name, the gray format', () => {
    const unknown = run('sample', '--run', 'run', '--labels', 'green');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('(its classes: bluish, красный)')]);
    const gray = run('sample', '--run', 'run', '--format', 'idx');
    expect([gray.code, gray.stderr]).toEqual([1, expect.stringContaining('draws in 3 channels; use --format png')]);
  });

  test('is exported with the names, and loaded again as the same model', async () => {
    succeed('export --run run --out exported');
    const file = readFileSync(join(root, 'exported/model.safetensors'));
    const { classNames, model } = decodeModelFile(file, 'it');
    expect([classNames, model.imageChannels, model.imageSize]).toEqual([NAMES, 3, 16]);
    const { inputs } = readModelSummary(readFileSync(join(root, 'exported/denoiser.onnx')));
    expect(JSON.stringify(inputs)).toContain('3');
    succeed(
      'sample --checkpoint exported/model.safetensors --labels 1,0 --per-class 2 --steps 3 --format png --out again',
    );
    expect(await pixels('again/2-0.png')).toEqual(await pixels('single/2-0.png'));
  });

  test('edits, completes and interpolates pictures in colour', async () => {
    await sharp(join(root, 'pictures/bluish/0.png')).resize(16, 16, { fit: 'fill' }).toFile(join(root, 'mine.png'));
    succeed(
      'edit --run run --image mine.png --labels красный --strength 0.5 --steps 4 --scale 1 --out edit.png --animate',
    );
    succeed('inpaint --run run --image mine.png --labels bluish -n 1 --steps 4 --resample 1 --scale 1 --out fill.png');
    succeed('interpolate --run run --from bluish --to красный --frames 3 -n 1 --steps 4 --scale 1 --out between.png');
    const mine = await pixels('mine.png');
    for (const [name, columns] of [
      ['edit', 2],
      ['fill', 3],
      ['between', 3],
    ] as const) {
      const picture = await pixels(`${name}.png`);
      expect([picture.width, picture.height, picture.channels]).toEqual([columns * 18 + 2, 20, 3]);
      expect(isColoured(picture)).toBe(true);
      if (name === 'between') continue;
      // The first column is the image itself.
      const from = (2 * picture.width + 2) * 3;
      expect([...picture.data.subarray(from, from + 48)]).toEqual([...mine.data.subarray(0, 48)]);
    }
    expect(isColoured(await pixels('edit.gif'))).toBe(true);
  });
});

test('pictures in one folder: one class, without guidance', () => {
  const { stderr } = succeed(`${TRAIN.replace('pictures', 'pictures/bluish')} --run flat --sample-every 0`);
  expect(stderr).toMatch(/^data +30 images of 16x16 RGB from pictures\/bluish/m);
  const { stdout } = succeed('sample --run flat --steps 2 --out flat.png');
  expect(stdout).toMatch(/^10 images, .*omega = 0 /m);
});

describe('the preset images', () => {
  const words = '--data pictures --timesteps 20 --batch-size 4 --threads 1 --sampling-steps 0 --sample-every 0';
  const configOf = (folder: string) =>
    JSON.parse(readFileSync(join(root, folder, 'config.json'), 'utf8')) as Record<string, unknown>;

  test('chooses a network for the pictures; the run keeps it when it is resumed', () => {
    const { stderr } = succeed(
      `train --preset images ${words} --image-size 16 --steps 2 --run chosen --learning-rate 2e-3`,
    );
    expect(stderr).toMatch(/^data +60 images of 16x16 RGB from pictures/m);
    expect(stderr).not.toContain('advice');
    const chosen = configOf('chosen');
    // 60 pictures of 16 pixels: a narrow network on pixels; options win.
    expect(chosen).toMatchObject({ model: 'modern-unet', channels: [32, 64], patchSize: 1, dropout: 0.2, steps: 2 });
    expect(chosen).toMatchObject({ imageSize: 16, learningRate: 2e-3, flip: false });
    succeed('train --run chosen --resume --steps 3');
    expect(configOf('chosen')).toEqual({ ...chosen, steps: 3 });
  });

  test('names the sizes that work instead of one that does not, and leaves nothing behind', () => {
    const { code, stderr } = run(...`train --preset images ${words} --image-size 30 --steps 2 --run odd`.split(' '));
    expect(code).toBe(1);
    expect(stderr).toContain('The nearest sizes that work: 28 and 32; give --image-size 28.');
    expect(existsSync(join(root, 'odd', 'checkpoint.safetensors'))).toBe(false);
  });

  test('is recommended where pictures would be trained on by the defaults, and only there', () => {
    const advice = /^advice .*--preset images chooses a network for these images$/m;
    const train = `train ${words} --image-size 16 --channels 4,8 --steps 1`;
    expect(succeed(`${train} --run default`).stderr).toMatch(advice);
    expect(succeed(`${train} --run modelled --model paper-unet`).stderr).not.toMatch(advice);
    expect(
      succeed(`${train.replace('--data pictures', '--data embedded').replace('--image-size 16 ', '')} --run digits`)
        .stderr,
    ).not.toMatch(advice);
    expect(succeed('train --run default --resume --steps 2').stderr).not.toMatch(advice);
  });
});

test('broken files are named, and nothing is trained', () => {
  mkdirSync(join(root, 'mixed'));
  copyFileSync(join(root, 'pictures/bluish/0.png'), join(root, 'mixed/good.png'));
  writeFileSync(join(root, 'mixed/torn.jpg'), '');
  const { code, stderr } = run(...`${TRAIN.replace('pictures', 'mixed')} --run mixed-run`.split(' '));
  expect(code).toBe(1);
  expect(stderr).toContain('1 of 2 pictures in mixed cannot be read: torn.jpg (an empty file)');
});

test.each([
  ['one picture', 'one', 'one/x.png', /^data +1 images of 16x16 RGB from one$/m],
  ['one class only', 'alone', 'alone/cat/x.png', /^data +1 images of 16x16 RGB from alone\nclasses +cat$/m],
])('%s is enough to train on', (_, data, file, description) => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  copyFileSync(join(root, 'pictures/bluish/0.png'), join(root, file));
  const { stderr } = succeed(`${TRAIN.replace('pictures', data)} --run ${data}-run --sample-every 3`);
  expect(stderr).toMatch(description);
  expect(stderr).toMatch(/^samples of step 3: /m);
});

test('a process killed while it decodes leaves no broken cache, and the next one cleans up after it', async () => {
  const folder = join(root, 'killed');
  mkdirSync(folder);
  const large = await sharp({ create: { width: 900, height: 900, channels: 3, background: '#804020' } })
    .png()
    .toBuffer();
  for (let i = 0; i < 200; i++) writeFileSync(join(folder, `${i}.png`), large);
  const cache = join(root, 'killed-cache');
  const entries = (): string[] => (existsSync(join(cache, 'pictures')) ? readdirSync(join(cache, 'pictures')) : []);
  const words = ['data', '--data', folder, '--image-size', '8'];
  const child = spawn(process.execPath, [cliPath, ...words], {
    env: { ...process.env, DIFFUSION_CACHE_DIR: cache },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  while (!entries().some((name) => name.endsWith('.part')) && child.exitCode === null) await setTimeout(2);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(entries()).toEqual([expect.stringMatching(/\.part$/)]);
  const { code, stdout, stderr } = runCli(words, root, { DIFFUSION_CACHE_DIR: cache });
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^data +200 images of 8x8 RGB/m);
  expect(
    entries()
      .map((name) => name.replace(/^.*\./, ''))
      .sort(),
  ).toEqual(['idx', 'json']);
});
