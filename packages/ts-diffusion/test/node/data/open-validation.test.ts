import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIdx } from '../../../src/data/idx.js';
import { imageAt, type TrainingImages } from '../../../src/data/dataset.js';
import { openValidation } from '../../../src/node/data/open-validation.js';
import { openImages } from '../../../src/node/data/sources.js';
import { encodePng } from '../../../src/utils/png.js';

const root = mkdtempSync(join(tmpdir(), 'validation-'));
const environment = { DIFFUSION_CACHE_DIR: join(root, 'cache') };
afterAll(() => {
  rmSync(root, { recursive: true });
});

interface Opened {
  readonly training: TrainingImages;
  readonly validation: TrainingImages | undefined;
  readonly messages: string[];
}

async function open(name: string): Promise<Opened> {
  const messages: string[] = [];
  const onMessage = (text: string) => messages.push(text);
  const wanted = { split: 'train', directory: join(root, name), environment, onMessage } as const;
  const training = await openImages(wanted);
  return { training, validation: await openValidation(training, wanted), messages };
}

const firstPixels = (images: TrainingImages): (number | undefined)[] =>
  Array.from({ length: images.count }, (_, i) => imageAt(images, i, new Uint8Array(8 * 8))[0]);

const idx = (folder: string, name: string, shades: readonly number[], size = 8): void => {
  const data = Uint8Array.from(shades.flatMap((shade) => Array<number>(size * size).fill(shade)));
  writeFileSync(join(folder, `${name}-images-idx3-ubyte`), encodeIdx({ shape: [shades.length, size, size], data }));
  const labels = { shape: [shades.length], data: new Uint8Array(shades.length) };
  writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), encodeIdx(labels));
};

describe('IDX files', () => {
  beforeAll(() => {
    for (const name of ['divided', 'whole']) mkdirSync(join(root, name));
    for (const name of ['train', 't10k'])
      for (const folder of ['divided', 'whole']) idx(join(root, folder), name, [1, 2]);
    idx(join(root, 'divided'), 'val', [7, 8, 9]);
  });

  test('named so are the validation images, and nothing else is', async () => {
    const { training, validation } = await open('divided');
    expect(firstPixels(training)).toEqual([1, 2]);
    expect(validation && firstPixels(validation)).toEqual([7, 8, 9]);
  });

  test('without that name there are none, and no message', async () => {
    const { validation, messages } = await open('whole');
    expect(validation).toBeUndefined();
    expect(messages).toEqual([]);
  });
});

describe('pictures', () => {
  const picture = (path: string, shade: number, size: number): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), encodePng(new Uint8Array(size * size).fill(shade), size, size));
  };

  test('of the folder val become as large as those that are trained on', async () => {
    for (const label of ['cat', 'dog']) {
      picture(`pets/train/${label}/1.png`, 10, 8);
      picture(`pets/val/${label}/1.png`, 20, 16);
    }
    const { training, validation } = await open('pets');
    expect(training.height).toBe(8);
    expect(validation).toMatchObject({ height: 8, width: 8, count: 2, classNames: ['cat', 'dog'] });
    expect(validation && firstPixels(validation)).toEqual([20, 20]);
  });

  test('that are broken are not used, which a message says', async () => {
    picture('broken/train/1.png', 10, 8);
    picture('broken/val/1.png', 10, 8);
    writeFileSync(join(root, 'broken/val/2.png'), 'no picture');
    const { validation, messages } = await open('broken');
    expect(validation).toBeUndefined();
    expect(messages.join()).toMatch(/The validation images of the data set are not used: .*2\.png/);
  });
});

test('the digits in the package have none', async () => {
  const wanted = { split: 'train', directory: 'embedded', environment } as const;
  expect(await openValidation(await openImages(wanted), wanted)).toBeUndefined();
});
