/**
 * How long a folder of many pictures takes to be read, and how much memory reading it and training on it take:
 *
 *     npx tsx bench/many-pictures.ts --pictures 5000 --repeat 20 --size 64 --steps 3 --preset images --batch-size 32
 *
 * The decoded pictures are repeated in a file, for a training set of `pictures` x `repeat` images.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { closeImages, imageAt } from '../packages/ts-diffusion/src/data/dataset.js';
import { readPictures } from '../packages/ts-diffusion/src/node/data/pictures.js';
import { FileImages } from '../packages/ts-diffusion/src/node/data/stored-images.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { trainConfigFor } from '../packages/ts-diffusion/src/training/train-config-for.js';
import type { TrainPreset } from '../packages/ts-diffusion/src/training/presets.js';
import { train } from '../packages/ts-diffusion/src/training/training-run.js';
import { encodePng } from '../packages/ts-diffusion/src/utils/png.js';
import { RandomStream } from '../packages/ts-diffusion/src/utils/random.js';
import { wholeNumber } from './support/options.js';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '5000' },
    repeat: { type: 'string', default: '20' },
    size: { type: 'string', default: '64' },
    steps: { type: 'string', default: '3' },
    preset: { type: 'string', default: 'images' },
    'batch-size': { type: 'string', default: '32' },
  },
});
const pictures = wholeNumber('pictures', values.pictures);
const repeat = wholeNumber('repeat', values.repeat);
const size = wholeNumber('size', values.size, 8);
const steps = wholeNumber('steps', values.steps);
const batchSize = wholeNumber('batch-size', values['batch-size']);

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const peak = (): string => `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`;

const root = mkdtempSync(join(tmpdir(), 'many-pictures-'));
try {
  const folder = join(root, 'data');
  const random = new RandomStream(1);
  mkdirSync(folder);
  for (let i = 0; i < pictures; i++) {
    // Coarse blocks, so that they compress as pictures do.
    const blocks = Array.from({ length: 192 }, () => random.integer(256));
    const data = Uint8Array.from({ length: size * size * 3 }, (_, at) => {
      const pixel = Math.floor(at / 3);
      const [x, y] = [Math.floor(((pixel % size) * 8) / size), Math.floor((Math.floor(pixel / size) * 8) / size)];
      return blocks[(8 * y + x) * 3 + (at % 3)] as number;
    });
    writeFileSync(join(folder, `${i}.png`), encodePng(data, size, size, 3));
  }
  console.log(`${cpus()[0]?.model ?? ''}; ${pictures} pictures of ${size}x${size}; ${peak()}`);

  const options = { split: 'train', cache: join(root, 'cache') } as const;
  let begin = performance.now();
  closeImages(await readPictures(folder, options));
  console.log(`read for the first time in ${seconds(begin)}; ${peak()}`);
  begin = performance.now();
  const once = await readPictures(folder, options);
  console.log(`read again in ${seconds(begin)}; ${peak()}`);

  const repeated = join(root, 'repeated');
  const length = 3 * size * size;
  const image = new Uint8Array(length);
  const file = openSync(repeated, 'w');
  for (let i = 0; i < pictures * repeat; i++) writeSync(file, imageAt(once, i % pictures, image));
  closeSync(file);
  const count = pictures * repeat;
  const beforeTraining = process.resourceUsage().maxRSS;
  const dataset = {
    ...once,
    images: new FileImages(repeated, 0, length, count),
    labels: new Uint8Array(count),
    count,
  };
  const config = trainConfigFor({ height: size, width: size, channels: 3, count }, values.preset as TrainPreset, {
    steps,
    batchSize,
    sampleEvery: 0,
    threads: 1,
  });
  const runtime = await createNodeRuntime(config);
  const store = {
    path: 'nowhere',
    hasCheckpoint: false,
    openMetrics: () => ({ append: () => undefined, flush: () => undefined, close: () => undefined }),
    writeCheckpoint: () => undefined,
  };
  begin = performance.now();
  for await (const event of train({ config, dataset, runtime, store })) {
    if (event.type === 'step') console.log(`step ${event.step}: ${Math.round(event.milliseconds)} ms`);
  }
  const now = Math.round(process.memoryUsage.rss() / 2 ** 20);
  console.log(
    `trained ${steps} steps of ${config.batchSize} on ${count} images (${(count * length) / 1e9} GB) in ${seconds(begin)}; ` +
      `memory ${now} MiB, ${peak()} (before: ${Math.round(beforeTraining / 1024)} MiB)`,
  );
  closeImages(once);
  closeImages(dataset);
} finally {
  rmSync(root, { recursive: true });
}
