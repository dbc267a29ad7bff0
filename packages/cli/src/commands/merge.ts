import { Option, type Command } from 'commander';
import { DataError } from 'ts-diffusion/errors';
import { integer } from '../options/arguments.js';
import { addConfigOptions } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { addNetworkOptions } from '../options/evaluation-options.js';
import { addDeviceOptions } from '../options/pipeline-options.js';
import { SHARDS_FOLDER } from '../options/shard-option.js';
import { print, say } from '../output/say.js';
import {
  checkFormat,
  checkImagesOut,
  imageFormats,
  NO_LABELS_IN_IDX,
  writeImages,
  type ImageFormat,
} from '../output/write-images.js';
import type { MergeStatisticsFlags } from '../sharding/merge-statistics.js';
import { type AllShards, readAllShards } from '../sharding/read-all-shards.js';

const examples = `
Examples:
  $ diffusion sample -n 10000 --shard 1/4                               and 2/4, 3/4, 4/4 on any machines that share a folder
  $ diffusion merge --format idx                                        all 10,000 images as an IDX pair
  $ diffusion evaluate --run runs/paper --statistics --shard 1/4        and 2/4, 3/4, 4/4 elsewhere
  $ diffusion merge ${SHARDS_FOLDER}/statistics-*                      report and receipt, as of one process

The shards of one set are merged, in any order; where a folder holds several sets, name the files. Images are those of
one process with as many threads to the bit. Scores are computed here; their options were given to diffusion evaluate.`;

interface MergeFlags extends MergeStatisticsFlags {
  readonly format: ImageFormat;
  readonly scale: number;
  readonly out?: string;
}

/** Adds the options and action of `diffusion merge`. */
export function configureMerge(command: Command): void {
  command
    .argument('[shards...]', `files of shards, or folders of them; default: ${SHARDS_FOLDER}`)
    .optionsGroup('Of images:')
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
    .optionsGroup('Of statistics:')
    .option('--receipt <file>', 'receipt to write; default: as for diffusion evaluate')
    .option('--pictures <folder>', 'also write pictures, as diffusion evaluate does')
    .option(
      '-r, --run <folder>',
      'where the run is now; default: where it was for the shards, as for the following options',
    )
    .option('--reference <path>', 'where the reference images are now')
    .option('--training <path>', 'with --reference: where the other real images are now');
  addNetworkOptions(addConfigOptions(command, dataSchema, { data: undefined })).optionsGroup('Options:');
  addDeviceOptions(command).addHelpText('after', examples).action(merge);
}

async function merge(given: readonly string[], flags: MergeFlags): Promise<void> {
  const shards = await readAllShards(given.length === 0 ? [SHARDS_FOLDER] : given);
  warnOfMachines(shards);
  if (shards[0].kind === 'images') {
    await mergeImages(shards, flags);
    return;
  }
  const { mergeStatistics } = await import('../sharding/merge-statistics.js');
  await mergeStatistics(shards, flags);
}

/** The same program computes other last bits on another device or with another number of threads. */
function warnOfMachines(shards: AllShards): void {
  const machines = [...new Set(shards.map(({ notes }) => String(notes['machine'])))];
  if (machines.length < 2) return;
  say(
    `warning: the shards were computed in ${machines.length} ways (${machines.join('; ')}); to the bit they are those of one ` +
      'process only on the same kind of device with the same --threads.',
  );
}

async function mergeImages(shards: AllShards, flags: MergeFlags): Promise<void> {
  const { format, scale, out = format === 'grid' ? 'output/samples.png' : 'output/samples' } = flags;
  const { joinImages } = await import('../sharding/image-shards.js');
  checkImagesOut(out, format);
  const { columns, ...images } = joinImages(shards);
  checkFormat(format, images.channels);
  if (format === 'idx' && images.labels.some((label) => label < 0)) throw new DataError(NO_LABELS_IN_IDX);
  print(`${images.count} images of ${shards.length} shards`);
  for (const path of await writeImages(images, format, out, { columns, scale })) print(`Wrote ${path}`);
}
