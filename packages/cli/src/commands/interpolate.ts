import type { Command } from 'commander';
import type { DiffusionPipeline } from 'ts-diffusion';
import type { InterpolationEnd } from 'ts-diffusion';
import { integer, pictureFile } from '../options/arguments.js';
import {
  addCheckpointOptions,
  addDeviceOptions,
  withPipeline,
  type CheckpointFlags,
  type DeviceFlags,
} from '../options/pipeline-options.js';
import { withProgress } from '../output/sample-progress.js';
import { addSamplingOptions, describeSampling, guidanceHelp, type SamplingFlags } from '../options/sampling-options.js';
import { addDatasetOptions, imageOfClass, joined, loadDigits, type DatasetFlags } from '../input/source-images.js';
import { beside, writeAnimation, writeGrid } from '../output/write-images.js';

const examples = `
Examples:
  $ diffusion interpolate --run runs/quick --from 3 --to 8             five rows, each from one 3 to one 8
  $ diffusion interpolate --run runs/quick --from 3 --to 8 --same-noise   the same handwriting for both
  $ diffusion interpolate --run runs/quick --from 4 --to 9 --real      between two real digits, encoded as noise
  $ diffusion interpolate --run runs/quick --from 1 --to 7 --frames 25 --animate

Between two images the noise they come from is turned from one to the other (slerp), and the predictions for both labels
are mixed. Real digits are encoded by running the sampler backwards; how well that can be undone is printed.
${guidanceHelp}`;

interface InterpolateFlags extends CheckpointFlags, DeviceFlags, SamplingFlags, DatasetFlags {
  readonly from: number;
  readonly to: number;
  readonly frames: number;
  readonly count: number;
  readonly sameNoise?: boolean;
  readonly real?: boolean;
  readonly index: number;
  readonly animate?: boolean;
  readonly scale: number;
  readonly out: string;
}

/** Adds the options and action of `diffusion interpolate`. */
export function configureInterpolate(command: Command): void {
  addCheckpointOptions(command)
    .option('--from <label>', 'class at the left', integer(0, 255), 3)
    .option('--to <label>', 'class at the right', integer(0, 255), 8)
    .option('--frames <n>', 'images in a row, both ends included', integer(2, 200), 11)
    .option('-n, --count <n>', 'rows', integer(1, 100), 5)
    .option('--same-noise', 'both ends of a row come from the same noise: the same handwriting, another digit')
    .option('--real', 'between real digits of the data set, encoded as noise')
    .option('--index <n>', 'with --real: which image of each digit the first row takes, counted from 0', integer(0), 0)
    .option('--animate', 'also write an animated GIF that goes there and back')
    .option('--scale <n>', 'screen pixels per image pixel', integer(1, 16), 2)
    .option('-o, --out <file>', 'picture to write: .png, .jpg or .webp', pictureFile, 'output/interpolation.png')
    .addHelpText('after', examples)
    .action((flags: InterpolateFlags) => withPipeline(flags, (pipeline) => interpolate(pipeline, flags)));
  addDeviceOptions(addDatasetOptions(command));
  const omega = 'as the run was configured; with --real 0';
  addSamplingOptions(command, { sampler: 'ddim', spacing: 'log-snr', omega });
}

async function interpolate(pipeline: DiffusionPipeline, flags: InterpolateFlags): Promise<void> {
  const unguided = flags.real && flags.omega === undefined && flags.guidanceScale === undefined;
  const options = unguided ? { ...flags, omega: 0 } : flags;
  console.log(`${flags.count} rows of ${flags.frames} images, ${describeSampling(pipeline, options)}`);
  const ends = flags.real ? await realEnds(pipeline, options) : drawnEnds(pipeline, options);

  const rows: Uint8Array[] = [];
  for (const [from, to] of ends) {
    const { images } = await withProgress((onState) => pipeline.interpolate({ ...options, from, to }, onState));
    rows.push(images);
  }
  const { imageSize } = pipeline.model;
  const size = { height: imageSize, width: imageSize };
  await writeGrid(flags.out, joined(rows), size, flags.frames, flags.scale);
  console.log(`Wrote ${flags.out}`);
  if (!flags.animate) return;

  const path = beside(flags.out, '.gif');
  const there = Array.from({ length: flags.frames }, (_, frame) => {
    return joined(rows.map((row) => row.subarray(frame * imageSize ** 2, (frame + 1) * imageSize ** 2)));
  });
  const back = there.slice(1, -1).reverse();
  const delay = Math.max(40, Math.round(1500 / flags.frames));
  const layout = { columns: flags.count, scale: flags.scale, delay, hold: delay };
  await writeAnimation(path, [...there, ...back], size, layout);
  console.log(`Wrote ${path}`);
}

type Ends = readonly [from: InterpolationEnd, to: InterpolationEnd];

/** Row i goes from image 2i of the seed to image 2i + 1. */
function drawnEnds(pipeline: DiffusionPipeline, { from, to, count, seed, sameNoise }: InterpolateFlags): Ends[] {
  return Array.from({ length: count }, (_, row) => {
    const noise = pipeline.initialNoise(seed, 2 * row);
    return [
      { label: from, noise },
      { label: to, noise: sameNoise ? noise : pipeline.initialNoise(seed, 2 * row + 1) },
    ] as const;
  });
}

/** Real digits as noise, with a line on how well that worked. */
async function realEnds(pipeline: DiffusionPipeline, flags: InterpolateFlags): Promise<Ends[]> {
  const { from, to, count, index } = flags;
  const dataset = await loadDigits(flags, pipeline);
  const labels = Array.from({ length: count }, () => [from, to]).flat();
  const images = joined(labels.map((label, i) => imageOfClass(dataset, label, index + Math.floor(i / 2))));
  const { noise, errors } = await pipeline.encode({ ...flags, images, labels });
  const mean = errors.reduce((a, b) => a + b) / errors.length;
  console.log(
    `Encoded ${labels.length} digits of ${dataset.source}; drawn again they are off by ${mean.toFixed(3)} ` +
      `(root mean square; at most ${Math.max(...errors).toFixed(3)}; black and white differ by 2)`,
  );
  const pixels = noise.length / labels.length;
  const end = (i: number, label: number) => ({ label, noise: noise.subarray(i * pixels, (i + 1) * pixels) });
  return Array.from({ length: count }, (_, row) => [end(2 * row, from), end(2 * row + 1, to)] as const);
}
