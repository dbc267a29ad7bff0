import { Option, type Command } from 'commander';
import { DataError } from 'ts-diffusion/errors';
import type { ReadShard } from 'ts-diffusion/node';
import { integer } from '../options/arguments.js';
import { SHARDS_FOLDER } from '../options/shard-option.js';
import { ProgressBar } from '../output/progress.js';
import { say } from '../output/say.js';
import {
  checkFormat,
  checkImagesOut,
  imageFormats,
  NO_LABELS_IN_IDX,
  writeImages,
  type ImageFormat,
} from '../output/write-images.js';

const examples = `
Examples:
  $ for i in 1 2 3 4; do diffusion sample -n 10000 --shard $i/4; done     on any machines that share a folder
  $ diffusion merge --format idx                                          all 10,000 images as an IDX pair
  $ diffusion evaluate --run runs/paper --statistics --shard 1/4          the same for scores; 2/4, 3/4 and 4/4 elsewhere
  $ diffusion merge ${SHARDS_FOLDER}/statistics-*                        report and receipt, as of one process

The shards of one set are merged: where a folder holds several, name the files. Their order does not matter.`;

interface MergeFlags {
  readonly format: ImageFormat;
  readonly scale: number;
  readonly out?: string;
}

/** Adds the options and action of `diffusion merge`. */
export function configureMerge(command: Command): void {
  command
    .argument('[shards...]', `files of shards, or folders of them; default: ${SHARDS_FOLDER}`)
    .optionsGroup('Images:')
    .addOption(
      new Option('-f, --format <format>', 'one picture of all images, one PNG per image, or an IDX pair')
        .choices(imageFormats)
        .default('grid'),
    )
    .option('--scale <n>', 'screen pixels per image pixel in the grid', integer(1, 16), 2)
    .option(
      '-o, --out <path>',
      'output file (grid) or folder (png, idx); default: output/samples.png or output/samples',
    )
    .addHelpText('after', examples)
    .action(merge);
}

async function merge(given: readonly string[], flags: MergeFlags): Promise<void> {
  const shards = await readAll(given.length === 0 ? [SHARDS_FOLDER] : given);
  warnOfMachines(shards);
  await mergeImages(shards, flags);
}

async function readAll(paths: readonly string[]): Promise<readonly [ReadShard, ...ReadShard[]]> {
  const { readShards } = await import('ts-diffusion/node');
  const progress = new ProgressBar();
  try {
    return readShards(paths, (done, total) => {
      progress.update(done, total, 'shards read');
    });
  } finally {
    progress.stop();
  }
}

/** The same program computes other last bits on another device or with another number of threads. */
function warnOfMachines(shards: readonly ReadShard[]): void {
  const machines = [...new Set(shards.map(({ notes }) => JSON.stringify(notes['machine'])))];
  if (machines.length < 2) return;
  say(
    `warning: the shards were computed in ${machines.length} ways (${machines.slice(0, 2).join(' and ')}, ...); to the bit they are ` +
      'those of one process only on the same kind of device with the same --threads.',
  );
}

async function mergeImages(shards: readonly [ReadShard, ...ReadShard[]], flags: MergeFlags): Promise<void> {
  const { format, scale, out = format === 'grid' ? 'output/samples.png' : 'output/samples' } = flags;
  const { joinImages } = await import('../sharding/image-shards.js');
  checkImagesOut(out, format);
  const { columns, ...images } = joinImages(shards);
  checkFormat(format, images.channels);
  if (format === 'idx' && images.labels.some((label) => label < 0)) throw new DataError(NO_LABELS_IN_IDX);
  console.log(`${images.count} images of ${shards.length} shards`);
  for (const path of await writeImages(images, format, out, { columns, scale })) console.log(`Wrote ${path}`);
}
