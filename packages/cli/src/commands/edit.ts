import { InvalidArgumentError, type Command } from 'commander';
import { Animation } from 'ts-diffusion/images';
import type { DiffusionPipeline } from 'ts-diffusion';
import { integer, pictureFile, type ArgumentParser } from '../options/arguments.js';
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
import { addSourceOptions, loadSourceImages, type SourceFlags } from '../input/source-images.js';
import { animationFrames, WAY_FROM_NOISE, beside, writeAnimation, writeGrid } from '../output/write-images.js';

const examples = `
Examples:
  $ diffusion edit --run runs/quick                                   each digit drawn again, from a little to all anew
  $ diffusion edit --run runs/quick --digits 3,5,9 --labels 8         what is left of a 3, a 5 and a 9 in an 8
  $ diffusion edit --run runs/quick --digits 7 --labels 7 --strength 0.5 --animate
  $ diffusion edit --run runs/quick --image mine.png --labels 4       your own 28x28 drawing, light on dark

An image is noised to strength * T and drawn again from there: the columns are the image, then one strength each.
${guidanceHelp}`;

interface EditFlags extends CheckpointFlags, DeviceFlags, SamplingFlags, SourceFlags {
  readonly strength: readonly number[];
  readonly animate?: boolean;
  readonly scale: number;
  readonly out: string;
}

/** Adds the options and action of `diffusion edit`. */
export function configureEdit(command: Command): void {
  addSourceOptions(addCheckpointOptions(command), 'what the images become')
    .option('--strength <list>', 'shares of T to noise to, above 0 and at most 1', strengths, [0.2, 0.4, 0.6, 0.8, 1])
    .option('--animate', 'also write an animated GIF of the way from the noised images')
    .option('--scale <n>', 'screen pixels per image pixel', integer(1, 16), 2)
    .option('-o, --out <file>', 'picture to write: .png, .jpg or .webp', pictureFile, 'output/edits.png')
    .addHelpText('after', examples)
    .action((flags: EditFlags) => withPipeline(flags, (pipeline) => edit(pipeline, flags)));
  addSamplingOptions(addDeviceOptions(command), { sampler: 'ddpm' });
}

async function edit(pipeline: DiffusionPipeline, flags: EditFlags): Promise<void> {
  const { images, labels } = await loadSourceImages(flags, pipeline);
  const { imageSize } = pipeline.model;
  const size = { height: imageSize, width: imageSize };
  console.log(`${labels.length} images, strength ${flags.strength.join(', ')}, ${describeSampling(pipeline, flags)}`);

  const frames = animationFrames(pipeline.samplingTimesteps(flags.samplingSteps, flags.spacing).length);
  const columns: Uint8Array[] = [];
  const animations: Animation[] = [];
  for (const strength of flags.strength) {
    const animation = new Animation(labels.length, imageSize ** 2, frames);
    const edited = await withProgress(
      (onState) => pipeline.edit({ ...flags, labels, images, strength }, onState),
      (state) => {
        animation.add(state);
      },
    );
    columns.push(edited.images);
    animations.push(animation);
  }

  const picture = (edited: readonly Uint8Array[]) => besideOneAnother([images, ...edited], labels.length);
  const layout = { columns: 1 + flags.strength.length, scale: flags.scale };
  await writeGrid(flags.out, picture(columns), size, layout.columns, layout.scale);
  console.log(`Wrote ${flags.out} (columns: the image, strength ${flags.strength.join(', ')})`);
  if (!flags.animate) return;
  const path = beside(flags.out, '.gif');
  const moving = Array.from({ length: frames }, (_, k) => picture(animations.map((each) => each.frames[k] ?? images)));
  await writeAnimation(path, moving, size, { ...layout, ...WAY_FROM_NOISE });
  console.log(`Wrote ${path}`);
}

const strengths: ArgumentParser<number[]> = (text) =>
  text.split(',').map((item) => {
    const value = item.trim() === '' ? NaN : Number(item);
    if (!(value > 0 && value <= 1))
      throw new InvalidArgumentError('Expected numbers above 0 and at most 1, e.g. 0.3,0.6.');
    return value;
  });
