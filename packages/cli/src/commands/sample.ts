import { type DiffusionPipeline, pixelsOf, planSampling } from 'ts-diffusion';
import { evenlySpacedTimesteps, NULL_LABEL } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { Animation, FilmStrip } from 'ts-diffusion/images';
import { checkPictureName } from 'ts-diffusion/node';
import { Option, type Command } from 'commander';
import { drawUntilStopped } from '../output/draw-until-stopped.js';
import { integer, integerList, labelSelection, resolveLabels, type LabelSelection } from '../options/arguments.js';
import {
  addCheckpointOptions,
  addDeviceOptions,
  withPipeline,
  type CheckpointFlags,
  type DeviceFlags,
} from '../options/pipeline-options.js';
import { say } from '../output/say.js';
import { STOPPED, stopOnSignal } from '../stop-signal.js';
import {
  addSamplingOptions,
  describeSampling,
  guidanceHelp,
  samplingOf,
  shippedModelsHelp,
  type SamplingFlags,
} from '../options/sampling-options.js';
import {
  imageFormats,
  type ImageFormat,
  animationFrames,
  WAY_FROM_NOISE,
  beside,
  checkFormat,
  writeAnimation,
  writeGrid,
  writeImages,
} from '../output/write-images.js';

/** Rows of the film strip: more would not fit a screen. */
const STRIP_IMAGES = 10;
const STRIP_COLUMNS = 11;
/** More would make a file of many megabytes. */
const ANIMATED_IMAGES = 100;
const ROW = 10;

const examples = `
Examples:
  $ diffusion sample                                             ten of each digit by the model in the package
  $ diffusion sample --model paper                               the same by the paper's network
  $ diffusion sample --run runs/quick                            ten of each digit by your own
  $ diffusion sample --run runs/quick --labels 3,3,7 --count 1   two threes and a seven
  $ diffusion sample --run runs/quick --labels 0-4 --omega 2     strong guidance: clearer, less varied
  $ diffusion sample --run runs/quick --steps-strip              also the way from noise to digit (Figure 2)
  $ diffusion sample --run runs/quick --animate                  also the same as a moving picture
  $ diffusion sample --run runs/quick --count 1000 --format idx  a data set in MNIST's own format

Few steps: a solver of the probability flow needs 10 to 25 where the paper's algorithm, ddpm, needs all of them.
  $ diffusion sample --run runs/quick --sampler dpm-solver++ --steps 10 --spacing trailing
  $ diffusion sample --run runs/quick --sampler ddim --eta 0.5 --steps 50
${guidanceHelp}
Image i of a seed starts from the same noise at any batch size. Ctrl-C writes the images that are finished.`;

interface SampleFlags extends CheckpointFlags, DeviceFlags, SamplingFlags {
  readonly labels: LabelSelection;
  readonly count: number;
  readonly stepsStrip?: true | readonly number[];
  readonly animate?: boolean;
  readonly format: ImageFormat;
  readonly scale: number;
  readonly out?: string;
}

/** Adds the options and action of `diffusion sample`. */
export function configureSample(command: Command): void {
  addCheckpointOptions(command)
    .option(
      '-l, --labels <labels>',
      'labels or class names in order: 0-9, 3,3,7, cat,dog, all, or none for images without a class',
      labelSelection,
      'all',
    )
    .option('-n, --count <n>', 'images of each label listed', integer(1, 1_000_000), 10)
    .option(
      '--steps-strip [timesteps]',
      `also write the first ${STRIP_IMAGES} images on their way from noise; default: ${STRIP_COLUMNS} timesteps from T to 0`,
      integerList(0),
    )
    .option('--animate', `also write an animated GIF of the first ${ANIMATED_IMAGES} images on their way from noise`)
    .addOption(
      new Option('-f, --format <format>', 'one PNG, one PNG each, or an IDX pair')
        .choices(imageFormats)
        .default('grid'),
    )
    .option('--scale <n>', 'screen pixels per image pixel in the grid and the strip', integer(1, 16), 2)
    .option('-o, --out <path>', 'file (grid) or folder (png, idx); default: output/samples.png or output/samples')
    .addHelpText('after', () => examples + shippedModelsHelp())
    .action(sample);
  addDeviceOptions(addSamplingOptions(command, { drawsAsShipped: true }));
}

async function sample(flags: SampleFlags): Promise<void> {
  const out = flags.out ?? (flags.format === 'grid' ? 'output/samples.png' : 'output/samples');
  if (flags.format === 'grid') checkPictureName(out);
  const signal = stopOnSignal('Stopping; the images of finished batches are kept.');
  await withPipeline(flags, (pipeline) => sampleTo(pipeline, flags, out, signal));
}

async function sampleTo(
  pipeline: DiffusionPipeline,
  flags: SampleFlags,
  out: string,
  signal: AbortSignal,
): Promise<void> {
  checkFormat(flags.format, pipeline.model.imageChannels);
  const pixels = pixelsOf(pipeline.model);
  const chosen = resolveLabels(flags.labels, pipeline);
  if (flags.format === 'idx' && chosen.includes(NULL_LABEL)) {
    throw new ConfigError('--format idx has no label for images without a class; use --format grid or png.');
  }
  const labels = chosen.flatMap((label) => Array<number>(flags.count).fill(label));
  const plan = planSampling(pipeline, { ...samplingOf(flags), labels });
  const { timesteps } = plan.sampling;
  const strip =
    flags.stepsStrip === undefined
      ? undefined
      : new FilmStrip(
          Math.min(labels.length, STRIP_IMAGES),
          pixels,
          stripTimesteps(flags.stepsStrip, [...timesteps, 0]),
        );

  const animated = Math.min(labels.length, ANIMATED_IMAGES);
  const animation = flags.animate ? new Animation(animated, pixels, animationFrames(timesteps.length)) : undefined;

  const { classNames } = pipeline;
  if (classNames !== undefined) console.log(`Classes: ${describeClasses(chosen, classNames)}`);
  console.log(`${labels.length} images, ${describeSampling(pipeline, plan.sampling)}`);
  const images = await drawUntilStopped(plan, {
    signal,
    onState: (state) => {
      strip?.add(state);
      animation?.add(state);
    },
  });

  if (images.count < labels.length) {
    process.exitCode = STOPPED;
    say(
      `Stopped: ${images.count} of ${labels.length} images are finished${images.count === 0 ? '; nothing is written' : ''}.`,
    );
    if (images.count === 0) return;
  }
  const columns = gridColumns(chosen.length, flags.count);
  for (const path of await writeImages(images, flags.format, out, { columns, scale: flags.scale })) {
    console.log(`Wrote ${path}`);
  }
  if (strip && images.count >= Math.min(labels.length, STRIP_IMAGES)) {
    const path = beside(out, '-steps.png');
    await writeGrid(path, strip.frames, images, strip.timesteps.length, flags.scale);
    console.log(`Wrote ${path} (columns: timesteps ${strip.timesteps.join(', ')})`);
  }
  if (animation && images.count >= animated) {
    const path = beside(out, '.gif');
    const { scale } = flags;
    await writeAnimation(path, animation.frames, images, {
      columns: Math.min(columns, animated),
      scale,
      ...WAY_FROM_NOISE,
    });
    console.log(`Wrote ${path}`);
  }
}

/**
 * The strip's columns, of the timesteps that the sampler visits (T first, 0 last): evenly chosen, or those nearest to the wish.
 *
 * @throws ConfigError for a timestep beyond T
 */
function stripTimesteps(wish: true | readonly number[], visited: readonly number[]): readonly number[] {
  if (wish === true) {
    const places = evenlySpacedTimesteps(visited.length - 1, Math.min(STRIP_COLUMNS, visited.length), 0);
    return places.map((place) => visited.at(-1 - place) ?? 0);
  }
  const [largest = 0] = visited;
  const beyond = wish.find((t) => t > largest);
  if (beyond !== undefined) {
    throw new ConfigError(`--steps-strip: timestep ${beyond} is beyond T = ${largest} of this model.`);
  }
  const nearer = (t: number, a: number, b: number): number => (Math.abs(b - t) < Math.abs(a - t) ? b : a);
  return wish.map((t) => visited.reduce((nearest, each) => nearer(t, nearest, each)));
}

/** `cat, dog, none`: what is drawn, in order. */
function describeClasses(labels: readonly number[], names: readonly string[]): string {
  return labels.map((label) => (label === NULL_LABEL ? 'none' : (names[label] ?? label))).join(', ');
}

/** One row per label where the images of a label fit into a row; otherwise rows of ten. */
function gridColumns(labels: number, count: number): number {
  if (count === 1) return Math.min(labels, ROW);
  return count <= 2 * ROW ? count : ROW;
}
