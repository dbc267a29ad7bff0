import type { Command } from 'commander';
import { Animation } from 'ts-diffusion/images';
import type { DiffusionPipeline } from 'ts-diffusion';
import { integer, pictureFile } from '../options/arguments.js';
import { loadMask, maskNames } from '../input/masks.js';
import {
  addCheckpointOptions,
  addDeviceOptions,
  withPipeline,
  type CheckpointFlags,
  type DeviceFlags,
} from '../options/pipeline-options.js';
import { besideOneAnother } from '../output/picture-rows.js';
import { withProgress } from '../output/sample-progress.js';
import { addSamplingOptions, describeSampling, guidanceHelp, type SamplingFlags } from '../options/sampling-options.js';
import { addSourceOptions, joined, loadSourceImages, type SourceFlags } from '../input/source-images.js';
import { animationFrames, WAY_FROM_NOISE, beside, writeAnimation, writeGrid } from '../output/write-images.js';

/** How the picture shows the pixels that are to be drawn. */
const UNKNOWN_GRAY = 96;

const examples = `
Examples:
  $ diffusion inpaint --run runs/quick                                the right half of each digit, five times
  $ diffusion inpaint --run runs/quick --mask top --digits 3,8 --labels none   without saying which digit it is
  $ diffusion inpaint --run runs/quick --mask center --resample 5     five passes, so that both parts agree better
  $ diffusion inpaint --run runs/quick --image mine.png --mask hole.png --labels 4 --animate

The mask is white where to draw. The columns are the image, what is known of it, and the completions.
${guidanceHelp}`;

interface InpaintFlags extends CheckpointFlags, DeviceFlags, SamplingFlags, SourceFlags {
  readonly mask: string;
  readonly count: number;
  readonly resample: number;
  readonly jump: number;
  readonly animate?: boolean;
  readonly scale: number;
  readonly out: string;
}

/** Adds the options and action of `diffusion inpaint`. */
export function configureInpaint(command: Command): void {
  addSourceOptions(addCheckpointOptions(command), 'what to draw')
    .option('-m, --mask <name or file>', `where to draw: ${maskNames.join(', ')}, or a PNG file`, 'right')
    .option('-n, --count <n>', 'completions of each image', integer(1, 100), 5)
    .option('--resample <n>', 'passes over each stretch of the way (RePaint); 1: plain', integer(1, 100), 3)
    .option('--jump <n>', 'steps in such a stretch', integer(1, 1000), 5)
    .option('--animate', 'also write an animated GIF of the way from noise')
    .option('--scale <n>', 'screen pixels per image pixel', integer(1, 16), 2)
    .option('-o, --out <file>', 'picture to write: .png, .jpg or .webp', pictureFile, 'output/inpainting.png')
    .addHelpText('after', examples)
    .action((flags: InpaintFlags) => withPipeline(flags, (pipeline) => inpaint(pipeline, flags)));
  addSamplingOptions(addDeviceOptions(command), { sampler: 'ddpm' });
}

async function inpaint(pipeline: DiffusionPipeline, flags: InpaintFlags): Promise<void> {
  const source = await loadSourceImages(flags, pipeline);
  const { imageSize } = pipeline.model;
  const pixels = imageSize ** 2;
  const mask = await loadMask(flags.mask, imageSize);
  const rows = source.labels.length;
  console.log(
    `${rows} images, ${flags.count} completions each, ${flags.resample} passes, ${describeSampling(pipeline, flags)}`,
  );

  const labels = source.labels.flatMap((label) => Array<number>(flags.count).fill(label));
  const images = joined(
    labels.map((_, i) => {
      const row = Math.floor(i / flags.count);
      return source.images.subarray(row * pixels, (row + 1) * pixels);
    }),
  );
  const resampling = { jump: flags.jump, times: flags.resample };
  const steps = pipeline.samplingTimesteps(flags.samplingSteps, flags.spacing).length;
  const animation = new Animation(labels.length, pixels, animationFrames(steps));
  const completed = await withProgress(
    (onState) => pipeline.inpaint({ ...flags, labels, images, mask, resampling }, onState),
    (state) => {
      animation.add(state);
    },
  );

  const known = source.images.map((value, i) => (mask[i % pixels] === 0 ? value : UNKNOWN_GRAY));
  const picture = (drawn: Uint8Array): Uint8Array => besideOneAnother([source.images, known, drawn], rows);
  const layout = { columns: 2 + flags.count, scale: flags.scale };
  await writeGrid(flags.out, picture(completed.images), completed, layout.columns, layout.scale);
  console.log(`Wrote ${flags.out} (columns: the image, what is known of it, the completions)`);
  if (!flags.animate) return;
  const path = beside(flags.out, '.gif');
  await writeAnimation(path, animation.frames.map(picture), completed, { ...layout, ...WAY_FROM_NOISE });
  console.log(`Wrote ${path}`);
}
