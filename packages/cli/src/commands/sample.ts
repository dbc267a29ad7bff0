import { type DiffusionPipeline, pixelsOf, planSampling, type SamplingPlan } from 'ts-diffusion';
import type { Shard } from 'ts-diffusion/node';
import { evenlySpacedTimesteps, NULL_LABEL } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { ImageAnimation, FilmStrip } from 'ts-diffusion/images';
import { Option, type Command } from 'commander';
import { drawUntilStopped } from '../output/draw-until-stopped.js';
import { trainedHow } from '../evaluating/trained-how.js';
import {
  indexSelection,
  integer,
  integerList,
  labelSelection,
  resolveIndices,
  resolveLabels,
  type IndexSelection,
  type LabelSelection,
} from '../options/arguments.js';
import {
  addCheckpointOptions,
  addDeviceOptions,
  describeCheckpoint,
  withPipeline,
  type CheckpointFlags,
  type DeviceFlags,
} from '../options/pipeline-options.js';
import { addCountOptions, countsOf, type CountFlags } from '../options/image-count.js';
import { shardOption, SHARDS_FOLDER } from '../options/shard-option.js';
import { print, say } from '../output/say.js';
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
  STRIP_ENDING,
  checkFormat,
  checkImagesOut,
  NO_LABELS_IN_IDX,
  writeAnimation,
  writeGrid,
  writeImages,
} from '../output/write-images.js';

/** Rows of the film strip: more would not fit a screen. */
const STRIP_IMAGES = 10;
const STRIP_COLUMNS = 11;
const ANIMATION_ENDING = '.gif';
/** More would make a file of many megabytes. */
const ANIMATED_IMAGES = 100;
const ROW = 10;
const IMAGES_PER_LABEL = 10;

const examples = `
Examples:
  $ diffusion sample                                             ten of each digit from the model in the package
  $ diffusion sample --model paper                               the same from the paper's network
  $ diffusion sample --run runs/quick                            ten of each digit from your own model
  $ diffusion sample --run runs/quick --labels 3,3,7 -n 3        two threes and a seven
  $ diffusion sample --run runs/quick --labels 0-4 --omega 2     strong guidance: clearer, less varied
  $ diffusion sample --run runs/quick --steps-strip              also a film strip from noise to digit (Figure 2)
  $ diffusion sample --run runs/quick --animate                  also an animated GIF from noise to digit
  $ diffusion sample --run runs/quick -n 10000 --format idx      a data set in MNIST's own format
  $ diffusion sample --run runs/quick -n 10000 --shard 2/8       the second eighth of it, for diffusion merge

Deterministic samplers need 10 to 25 steps; the paper's algorithm, ddpm, needs at least 100.
  $ diffusion sample --run runs/quick --sampler dpm-solver++ --steps 10 --spacing trailing
  $ diffusion sample --run runs/quick --sampler ddim --eta 0.5 --steps 50
${guidanceHelp}
The noise of image i of a seed does not depend on the batch size. Ctrl-C writes the finished images and stops.`;

interface SampleFlags extends CheckpointFlags, DeviceFlags, SamplingFlags, CountFlags {
  readonly labels: LabelSelection;
  readonly classIndices?: IndexSelection;
  readonly atMost?: number;
  readonly stepsStrip?: true | readonly number[];
  readonly animate?: boolean;
  readonly format: ImageFormat;
  readonly scale: number;
  readonly out?: string;
  readonly shard?: Shard;
}

/** Adds the options and action of `diffusion sample`. */
export function configureSample(command: Command): void {
  addCheckpointOptions(command).option(
    '-l, --labels <labels>',
    'class labels or names, in order: 0-9, 3,3,7, cat,dog, all, or none for unconditional images',
    labelSelection,
    'all',
  );
  // For the studio, whose requests name no classes.
  command
    .addOption(new Option('--class-indices <indices>').argParser(indexSelection).conflicts('labels').hideHelp())
    .addOption(new Option('--at-most <n>').argParser(integer(1)).hideHelp());
  addCountOptions(command, `${IMAGES_PER_LABEL} of each label listed`)
    .option(
      '--steps-strip [timesteps]',
      `also write a film strip of the first ${STRIP_IMAGES} images from noise on; default: ${STRIP_COLUMNS} timesteps from T to 0`,
      integerList(0),
    )
    .option('--animate', `also write an animated GIF of the first ${ANIMATED_IMAGES} images from noise on`)
    .addOption(
      new Option('-f, --format <format>', 'one picture of all images, one PNG per image, or an IDX pair')
        .choices(imageFormats)
        .default('grid'),
    )
    .option('--scale <n>', 'screen pixels per image pixel in the grid, the film strip and the GIF', integer(1, 16), 2)
    .option(
      '-o, --out <path>',
      `output file (grid) or folder (png, idx, shards); default: output/samples.png, output/samples or ${SHARDS_FOLDER}`,
    )
    .addOption(
      shardOption(
        'draw only the i-th of n parts of the images, into a file for diffusion merge; the noise and the labels are those of the whole',
      ).conflicts(['stepsStrip', 'animate', 'format', 'scale']),
    )
    .addHelpText('after', () => examples + shippedModelsHelp())
    .action(sample);
  addDeviceOptions(addSamplingOptions(command, { drawsAsShipped: true }));
}

async function sample(flags: SampleFlags): Promise<void> {
  if (flags.shard !== undefined) {
    await sampleShard(flags, flags.shard);
    return;
  }
  const out = flags.out ?? (flags.format === 'grid' ? 'output/samples.png' : 'output/samples');
  checkImagesOut(out, flags.format, [
    ...(flags.stepsStrip === undefined ? [] : [STRIP_ENDING]),
    ...(flags.animate ? [ANIMATION_ENDING] : []),
  ]);
  const signal = stopOnSignal('Stopping; the images of finished batches are kept.');
  await withPipeline(flags, (pipeline) => sampleTo(pipeline, flags, out, signal));
}

async function sampleShard(flags: SampleFlags, shard: Shard): Promise<void> {
  const { drawImageShard } = await import('../sharding/image-shards.js');
  const { checkOutputFolder } = await import('ts-diffusion/node');
  const folder = flags.out ?? SHARDS_FOLDER;
  checkOutputFolder(folder, { what: 'shards' });
  const signal = stopOnSignal('Stopping; a shard is written only as a whole.');
  await withPipeline(flags, async (pipeline) => {
    const { plan, columns, description } = planImages(pipeline, flags);
    print(description);
    const source = `${plan.labels.length} samples of ${describeCheckpoint(flags)}`;
    const trained = await trainedHow(flags);
    const sampling = samplingOf(flags);
    await drawImageShard(pipeline, plan, { shard, folder, sampling, columns, source, trained, signal });
  });
}

interface PlannedImages {
  readonly plan: SamplingPlan;
  /** Of the grid. */
  readonly columns: number;
  /** What is drawn, in words. */
  readonly description: string;
}

/** Plans the images that the flags ask for. */
function planImages(pipeline: DiffusionPipeline, flags: SampleFlags): PlannedImages {
  const { classIndices } = flags;
  const chosen = classIndices ? resolveIndices(classIndices, pipeline) : resolveLabels(flags.labels, pipeline);
  if (flags.format === 'idx' && chosen.includes(NULL_LABEL)) throw new ConfigError(NO_LABELS_IN_IDX);
  const counts = countsOf(flags, chosen.length, IMAGES_PER_LABEL);
  const labels = chosen.flatMap((label, i) => Array<number>(counts[i] ?? 0).fill(label)).slice(0, flags.atMost);
  const plan = planSampling(pipeline, { ...samplingOf(flags), labels });
  const { classNames } = pipeline;
  const classes = classNames === undefined ? '' : `Classes: ${describeClasses(chosen, classNames)}\n`;
  return {
    plan,
    columns: gridColumns(counts.filter((count) => count > 0)),
    description: `${classes}${labels.length} images, ${describeSampling(pipeline, plan.sampling)}`,
  };
}

async function sampleTo(
  pipeline: DiffusionPipeline,
  flags: SampleFlags,
  out: string,
  signal: AbortSignal,
): Promise<void> {
  checkFormat(flags.format, pipeline.model.imageChannels);
  const pixels = pixelsOf(pipeline.model);
  const { plan, columns, description } = planImages(pipeline, flags);
  const { labels } = plan;
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
  const animation = flags.animate ? new ImageAnimation(animated, pixels, animationFrames(timesteps.length)) : undefined;

  print(description);
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
  for (const path of await writeImages(images, flags.format, out, { columns, scale: flags.scale })) {
    print(`Wrote ${path}`);
  }
  if (strip && images.count >= Math.min(labels.length, STRIP_IMAGES)) {
    const path = beside(out, STRIP_ENDING);
    await writeGrid(path, strip.frames, images, strip.timesteps.length, flags.scale);
    print(`Wrote ${path} (columns: timesteps ${strip.timesteps.join(', ')})`);
  }
  if (animation && images.count >= animated) {
    const path = beside(out, ANIMATION_ENDING);
    const { scale } = flags;
    await writeAnimation(path, animation.frames, images, {
      columns: Math.min(columns, animated),
      scale,
      ...WAY_FROM_NOISE,
    });
    print(`Wrote ${path}`);
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
    throw new ConfigError(
      `--steps-strip: timestep ${beyond} is greater than T = ${largest} of this model. Give timesteps from 0 to ${largest}.`,
    );
  }
  const nearer = (t: number, a: number, b: number): number => (Math.abs(b - t) < Math.abs(a - t) ? b : a);
  return wish.map((t) => visited.reduce((nearest, each) => nearer(t, nearest, each)));
}

/** `cat, dog, none`: what is drawn, in order. */
function describeClasses(labels: readonly number[], names: readonly string[]): string {
  return labels.map((label) => (label === NULL_LABEL ? 'none' : (names[label] ?? label))).join(', ');
}

/** One row per label where the images of a label fit into a row; otherwise rows of ten. */
function gridColumns(counts: readonly number[]): number {
  const [count = 0] = counts;
  if (count === 1) return Math.min(counts.length, ROW);
  return count <= 2 * ROW && counts.every((each) => each === count) ? count : ROW;
}
