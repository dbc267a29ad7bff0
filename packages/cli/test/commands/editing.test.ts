import { decode, encode } from 'fast-png';
import { decodeFrames } from 'modern-gif';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { runCli } from './run-cli.js';

const SIZE = 8;
const random = new RandomStream(2);
/** Two images of each of ten classes, without the mid-grey that marks what is to be drawn. */
const images = Uint8Array.from({ length: 20 * SIZE ** 2 }, () => random.integer(64));
const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 10);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-editing-'));
  writeTinyRun(join(folder, 'run'));
  writeFileSync(join(folder, 't10k-images-idx3-ubyte'), encodeIdx({ shape: [20, SIZE, SIZE], data: images }));
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), encodeIdx({ shape: [20], data: labels }));
  writeFileSync(join(folder, 'mine.png'), encodePng(images.subarray(0, SIZE ** 2), SIZE, SIZE));
  writeFileSync(join(folder, 'large.png'), encodePng(new Uint8Array(100), 10, 10));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const run = (command: string) => runCli(command.split(' '), folder, { DIFFUSION_CACHE_DIR: join(folder, 'cache') });

/** Runs a command that must succeed. @returns its standard output */
function succeed(command: string): string {
  const { code, stdout, stderr } = run(command);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') as string });
  return stdout;
}

/** The picture in row and column of a grid at scale 1. */
function pictureAt(name: string, row: number, column: number): number[] {
  const png = decode(readFileSync(join(folder, name)));
  return Array.from({ length: SIZE ** 2 }, (_, i) => {
    const [x, y] = [2 + 10 * column + (i % SIZE), 2 + 10 * row + Math.floor(i / SIZE)];
    return png.data[y * png.width + x] as number;
  });
}
const imageOf = (index: number) => [...images.subarray(index * SIZE ** 2, (index + 1) * SIZE ** 2)];
const gifSize = (name: string) => {
  const frames = decodeFrames(Uint8Array.from(readFileSync(join(folder, name))));
  return [frames.length, frames[0]?.width, frames[0]?.height];
};

describe('diffusion inpaint', () => {
  test('shows the image, what is known, and completions that keep it', () => {
    const stdout = succeed(
      'inpaint --run run --data . --digits 3,7 --index 1 --mask left --count 2 --scale 1 --steps 4 --out in.png --animate',
    );
    expect(stdout).toContain('2 images, 2 completions each, 3 passes, sampler ddpm, 4 of T = 10 timesteps (linear)');
    expect(pictureAt('in.png', 0, 0)).toEqual(imageOf(13));
    expect(pictureAt('in.png', 1, 0)).toEqual(imageOf(17));
    const right = (picture: number[]) => picture.filter((_, i) => i % SIZE >= 4);
    for (const column of [1, 2, 3]) {
      expect(right(pictureAt('in.png', 1, column))).toEqual(right(imageOf(17)));
      expect(pictureAt('in.png', 1, column)).not.toEqual(imageOf(17));
    }
    expect(pictureAt('in.png', 1, 2)).not.toEqual(pictureAt('in.png', 1, 3));
    expect(gifSize('in.gif')).toEqual([5, 4 * 10 + 2, 2 * 10 + 2]);
  });

  test('takes masks and images from files', () => {
    const mask = Uint8Array.from({ length: SIZE ** 2 }, (_, i) => (i < SIZE ? 255 : 0));
    writeFileSync(join(folder, 'mask.png'), encodePng(mask, SIZE, SIZE));
    succeed('inpaint --run run --image mine.png --mask mask.png --count 1 --scale 1 --labels 4 --out file.png');
    const [original, completed] = [pictureAt('file.png', 0, 0), pictureAt('file.png', 0, 2)];
    expect(original).toEqual(imageOf(0));
    expect(completed.slice(SIZE)).toEqual(original.slice(SIZE));
    expect(completed).not.toEqual(original);
  });

  test('a mask given by alpha is where it is opaque, and transparent ink is black', () => {
    // Black and opaque in the first row, white and transparent below.
    const rgba = Uint8Array.from({ length: 4 * SIZE ** 2 }, (_, i) => {
      const isFirst = i < 4 * SIZE;
      return (i % 4 === 3) === isFirst ? 255 : 0;
    });
    writeFileSync(join(folder, 'alpha.png'), encode({ data: rgba, width: SIZE, height: SIZE, channels: 4, depth: 8 }));
    const command =
      'inpaint --run run --image mine.png --mask alpha.png --count 1 --scale 1 --labels 4 --out alpha-out.png';
    const { code, stderr } = run(command);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('alpha.png: the mask has transparent pixels, so its opaque pixels are inpainted');
    const [original, completed] = [pictureAt('alpha-out.png', 0, 0), pictureAt('alpha-out.png', 0, 2)];
    expect(completed.slice(SIZE)).toEqual(original.slice(SIZE));
    expect(completed.slice(0, SIZE)).not.toEqual(original.slice(0, SIZE));

    const edited = run('edit --run run --image alpha.png --labels 4 --strength 0.1 --scale 1 --out ink.png');
    expect(edited.stderr).toContain('alpha.png: transparent pixels are read as black.');
    expect(edited.stderr).toContain('the drawing is dark on transparent, so it is invisible on black');
    expect(pictureAt('ink.png', 0, 0)).toEqual(Array(SIZE ** 2).fill(0));
  });

  test('writes JPEG under a name of JPEG', () => {
    succeed('edit --run run --image mine.png --labels 4 --strength 0.1 --out edited.jpg --animate');
    expect(readFileSync(join(folder, 'edited.jpg')).subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(gifSize('edited.gif')[0]).toBeGreaterThan(1);
  });

  test.each([
    [
      'edit --run run --image mine.png --out edited.bmp',
      'edited.bmp: a picture is written as .png, .jpg, .jpeg, .webp; give the file a name that ends in one of them.',
    ],
    ['sample --run run --out drawn.bmp', 'drawn.bmp: a picture is written as .png, .jpg, .jpeg, .webp'],
    ['inpaint --run run --image mine.png --mask middle', '--mask: "middle" is neither one of left, right, top'],
    [
      'inpaint --run run --image mine.png --mask large.png',
      'large.png: the mask is 10x10; this model needs 8x8. Resize it.',
    ],
    ['inpaint --run run --image none.png', 'cannot read none.png: ENOENT'],
    [
      'edit --run run --image mine.png --labels 1,2',
      '--labels gives 2 labels for 1 images; give one, or one per image.',
    ],
    [
      'edit --run run --data . --index 2',
      'The data set has 2 images of class 0; there is no image 2 (counted from 0).',
    ],
    ['edit --run run --data . --strength 0.5,2', 'Expected numbers above 0 and at most 1'],
    ['interpolate --run run --sampler ddpm', 'This needs a deterministic sampler'],
    ['sample --run run --omega 1 --guidance-scale 2', "'--guidance-scale <s>' cannot be used with option '-w, --omega"],
    ['sample --run run --guidance-interval 3', 'Expected two numbers'],
    ['sample --run run --sampler unipc --eta 0.5', 'The option eta belongs to the sampler ddim'],
  ])('%s: %s', (command, message) => {
    const { code, stderr } = run(command);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(1);
  });
});

describe('diffusion edit', () => {
  test('shows the image, then one column for each strength', () => {
    const stdout = succeed(
      'edit --run run --data . --digits 1,2,3 --labels 8 --strength 0.1,1 --scale 1 --out edit.png --animate',
    );
    expect(stdout).toContain('3 images, strength 0.1, 1, sampler ddpm, 10 of T = 10 timesteps (linear)');
    expect(pictureAt('edit.png', 2, 0)).toEqual(imageOf(3));
    expect(pictureAt('edit.png', 2, 1)).not.toEqual(pictureAt('edit.png', 2, 2));
    expect(gifSize('edit.gif')).toEqual([11, 3 * 10 + 2, 3 * 10 + 2]);
    // Of full strength nothing of the image is left but what the schedule leaves of it at T.
    succeed('edit --run run --data . --digits 1,2,3 --labels 9 --strength 0.1,1 --scale 1 --out other.png');
    expect(pictureAt('other.png', 2, 2)).not.toEqual(pictureAt('edit.png', 2, 2));
  });
});

describe('diffusion interpolate', () => {
  test('draws rows from one label to the other, and a GIF there and back', () => {
    const stdout = succeed(
      'interpolate --run run --from 2 --to 5 --frames 4 --count 2 --scale 1 --steps 5 --out between.png --animate',
    );
    expect(stdout).toContain('2 rows of 4 images, sampler ddim, 5 of T = 10 timesteps (linear, log-snr)');
    expect(gifSize('between.gif')).toEqual([6, 2 * 10 + 2, 10 + 2]);
    const row = [0, 1, 2, 3].map((column) => pictureAt('between.png', 1, column).join());
    expect(new Set(row).size).toBe(4);
  });

  test('with --real encodes digits and says how well they come back', () => {
    const stdout = succeed('interpolate --run run --data . --from 2 --to 5 --frames 2 --count 1 --real --out real.png');
    expect(stdout).toContain('guidance weight omega = 0 (guidance scale s = 1 + omega = 1)');
    expect(stdout).toMatch(/Encoded 2 digits of .*; reconstruction error \d+\.\d{3} \(root mean square/);
  });
});

test('diffusion sample --animate writes the way from noise beside the grid', () => {
  const stdout = succeed(
    'sample --run run --labels 1,2 --per-class 3 --scale 1 --guidance-scale 1.5 --animate --out s.png',
  );
  expect(stdout).toContain('guidance weight omega = 0.5 (guidance scale s = 1 + omega = 1.5)');
  expect(stdout).toContain('Wrote s.gif');
  expect(gifSize('s.gif')).toEqual([11, 3 * 10 + 2, 2 * 10 + 2]);
});
