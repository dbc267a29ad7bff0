import type { Command } from 'commander';
import { type DiffusionPipeline, pixelsOf, planInpainting } from 'ts-diffusion';
import type { SamplingData } from 'ts-diffusion/diffusion';
import { ImageAnimation } from 'ts-diffusion/images';
import { integer } from '../options/arguments.js';
import { loadMask, maskNames } from '../input/masks.js';
import { addPictureCommand, type Picture, type PictureFlags } from './picture-command.js';
import { besideOneAnother } from '../output/picture-rows.js';
import { addCheckpointOptions } from '../options/pipeline-options.js';
import { runWithProgress } from '../output/sample-progress.js';
import { changedModelsHelp, describeSampling } from '../options/sampling-options.js';
import { addSourceOptions, concatenated, loadSourceImages, type SourceFlags } from '../input/source-images.js';
import { animationFrames, WAY_FROM_NOISE } from '../output/write-images.js';
import { print } from '../output/say.js';

/** How the picture shows the pixels that are to be drawn. */
const UNKNOWN_GRAY = 96;

const examples = `
Examples:
  $ diffusion inpaint --run runs/quick                                complete the right half of each digit, five times
  $ diffusion inpaint --run runs/quick --mask top --digits 3,8 --labels none   without a class label
  $ diffusion inpaint --run runs/quick --mask center --resample 5     five RePaint passes, for a better match of both parts
  $ diffusion inpaint --run runs/quick --image mine.png --mask hole.png --labels 4 --animate

White pixels of the mask are inpainted. Columns of the picture: the image, its known pixels, the completions.
`;

interface InpaintFlags extends PictureFlags, SourceFlags {
  readonly mask: string;
  readonly count: number;
  readonly resample: number;
  readonly jump: number;
}

/** Adds the options and action of `diffusion inpaint`. */
export function configureInpaint(command: Command): void {
  addSourceOptions(addCheckpointOptions(command), 'labels to sample with')
    .option(
      '-m, --mask <name or file>',
      `region to inpaint: ${maskNames.join(', ')}, or an image file, white where to inpaint`,
      'right',
    )
    .option('-n, --count <n>', 'completions per image', integer(1, 100), 5)
    .option('--resample <n>', 'passes over each segment of steps (RePaint); 1: plain replacement', integer(1, 100), 3)
    .option('--jump <n>', 'steps per segment', integer(1, 1000), 5);
  addPictureCommand(command, {
    animate: 'of the sampling steps, from noise to images',
    out: 'output/inpainting.png',
    examples,
    sampling: { drawsAsShipped: true },
    about: () => `\n${changedModelsHelp()}`,
    draw: inpaint,
  });
}

async function inpaint(pipeline: DiffusionPipeline, flags: InpaintFlags, sampling: SamplingData): Promise<Picture> {
  const source = await loadSourceImages(flags, pipeline);
  const { imageSize } = pipeline.model;
  const area = imageSize ** 2;
  const pixels = pixelsOf(pipeline.model);
  const mask = await loadMask(flags.mask, imageSize);
  const rows = source.labels.length;
  const labels = source.labels.flatMap((label) => Array<number>(flags.count).fill(label));
  const images = concatenated(
    labels.map((_, i) => {
      const row = Math.floor(i / flags.count);
      return source.images.subarray(row * pixels, (row + 1) * pixels);
    }),
  );
  const resampling = { jump: flags.jump, times: flags.resample };
  const plan = planInpainting(pipeline, { ...sampling, labels, images, mask, resampling });
  const how = describeSampling(pipeline, plan.sampling);
  print(`${rows} images, ${flags.count} completions each, ${flags.resample} passes, ${how}`);

  const animation = new ImageAnimation(labels.length, pixels, animationFrames(plan.sampling.timesteps.length));
  const completed = await runWithProgress(plan, {
    onState: (state) => {
      animation.add(state);
    },
  });

  const known = source.images.map((value, i) => (mask[i % area] === 0 ? value : UNKNOWN_GRAY));
  const picture = (drawn: Uint8Array): Uint8Array => besideOneAnother([source.images, known, drawn], rows);
  const columns = 2 + flags.count;
  return {
    images: picture(completed.images),
    columns,
    about: 'the image, its known pixels, the completions',
    animation: () => ({ frames: animation.frames.map(picture), columns, ...WAY_FROM_NOISE }),
  };
}
