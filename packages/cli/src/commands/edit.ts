import { InvalidArgumentError, type Command } from 'commander';
import { type DiffusionPipeline, pixelsOf, planEdit } from 'ts-diffusion';
import type { SamplingData } from 'ts-diffusion/diffusion';
import { ImageAnimation } from 'ts-diffusion/images';
import type { ArgumentParser } from '../options/arguments.js';
import { addPictureCommand, type Picture, type PictureFlags } from './picture-command.js';
import { besideOneAnother } from '../output/picture-rows.js';
import { addCheckpointOptions } from '../options/pipeline-options.js';
import { runWithProgress } from '../output/sample-progress.js';
import { changedModelsHelp, describeSampling } from '../options/sampling-options.js';
import { addSourceOptions, loadSourceImages, type SourceFlags } from '../input/source-images.js';
import { animationFrames, WAY_FROM_NOISE } from '../output/write-images.js';
import { print } from '../output/say.js';

const examples = `
Examples:
  $ diffusion edit --run runs/quick                                   vary each digit at five strengths
  $ diffusion edit --run runs/quick --digits 3,5,9 --labels 8         turn a 3, a 5 and a 9 into an 8
  $ diffusion edit --run runs/quick --digits 7 --labels 7 --strength 0.5 --animate
  $ diffusion edit --run runs/quick --image mine.png --labels 4       your own 28x28 drawing, light on dark

Noise is added to an image up to timestep strength * T, and the sampler runs from there (SDEdit). Columns of the picture:
the image, then one per strength.
`;

interface EditFlags extends PictureFlags, SourceFlags {
  readonly strength: readonly number[];
}

/** Adds the options and action of `diffusion edit`. */
export function configureEdit(command: Command): void {
  addSourceOptions(addCheckpointOptions(command), 'labels to sample with').option(
    '--strength <list>',
    'noise strengths as fractions of T, above 0 and at most 1',
    strengths,
    [0.2, 0.4, 0.6, 0.8, 1],
  );
  addPictureCommand(command, {
    animate: 'of the sampling steps, from the noised images',
    out: 'output/edits.png',
    examples,
    sampling: { drawsAsShipped: true },
    about: () => `\n${changedModelsHelp()}`,
    draw: edit,
  });
}

async function edit(pipeline: DiffusionPipeline, flags: EditFlags, sampling: SamplingData): Promise<Picture> {
  const { images, labels } = await loadSourceImages(flags, pipeline);
  const planned = (strength: number) => planEdit(pipeline, { ...sampling, labels, images, strength });
  // Of strength 1, which visits all timesteps.
  const resolved = planned(1).sampling;
  const listed = flags.strength.join(', ');
  print(`${labels.length} images, strength ${listed}, ${describeSampling(pipeline, resolved)}`);

  const frames = animationFrames(resolved.timesteps.length);
  const columns: Uint8Array[] = [];
  const animations: ImageAnimation[] = [];
  for (const strength of flags.strength) {
    const animation = new ImageAnimation(labels.length, pixelsOf(pipeline.model), frames);
    const edited = await runWithProgress(planned(strength), {
      onState: (state) => {
        animation.add(state);
      },
    });
    columns.push(edited.images);
    animations.push(animation);
  }

  const picture = (edited: readonly Uint8Array[]) => besideOneAnother([images, ...edited], labels.length);
  const moments = Array.from({ length: frames }, (_, k) => animations.map((each) => each.frames[k] ?? images));
  return {
    images: picture(columns),
    columns: 1 + flags.strength.length,
    about: `the image, strength ${listed}`,
    animation: () => ({ frames: moments.map(picture), columns: 1 + flags.strength.length, ...WAY_FROM_NOISE }),
  };
}

const strengths: ArgumentParser<number[]> = (text) =>
  text.split(',').map((item) => {
    const value = item.trim() === '' ? NaN : Number(item);
    if (!(value > 0 && value <= 1))
      throw new InvalidArgumentError('Expected numbers above 0 and at most 1, e.g. 0.3,0.6.');
    return value;
  });
