import type { Command } from 'commander';
import {
  type DiffusionPipeline,
  type InterpolationEnd,
  interpolationSampling,
  planInterpolation,
  resolveSampling,
} from 'ts-diffusion';
import { NULL_LABEL, type SamplingData } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { type Classes, integer, resolveLabels } from '../options/arguments.js';
import { addPictureCommand, type Picture, type PictureFlags } from './picture-command.js';
import { addCheckpointOptions } from '../options/pipeline-options.js';
import { runWithProgress } from '../output/sample-progress.js';
import { describeSampling } from '../options/sampling-options.js';
import {
  addDatasetOptions,
  imageOfClass,
  concatenated,
  loadDigits,
  type DatasetFlags,
} from '../input/source-images.js';
import { print } from '../output/say.js';

const examples = `
Examples:
  $ diffusion interpolate --run runs/quick --from 3 --to 8             five rows, each from one 3 to one 8
  $ diffusion interpolate --run runs/quick --from 3 --to 8 --same-noise   the same noise, so a similar style, for both
  $ diffusion interpolate --run runs/quick --from 4 --to 9 --real      between two real digits, encoded as noise
  $ diffusion interpolate --run runs/quick --from 1 --to 7 --frames 25 --animate

The noise is interpolated spherically (slerp), and the predictions for both labels are mixed. Real digits are encoded as
noise by running DDIM backwards (inversion); the command prints the reconstruction error.
`;

/** How long the way there takes in the animation, in milliseconds, and how long a picture is shown at least. */
const ONE_WAY = 1500;
const SHORTEST_DELAY = 40;

interface InterpolateFlags extends PictureFlags, DatasetFlags {
  readonly from: string;
  readonly to: string;
  readonly frames: number;
  readonly count: number;
  readonly sameNoise?: boolean;
  readonly real?: boolean;
  readonly index: number;
}

/** Adds the options and action of `diffusion interpolate`. */
export function configureInterpolate(command: Command): void {
  addCheckpointOptions(command)
    .option('--from <label>', 'class at the left end, by label or name', '3')
    .option('--to <label>', 'class at the right end', '8')
    .option('--frames <n>', 'images per row, including both ends', integer(2, 200), 11)
    .option('-n, --count <n>', 'rows', integer(1, 100), 5)
    .option('--same-noise', 'start both ends of a row from the same noise: similar style, different digit')
    .option('--real', 'interpolate between real digits of the data set, encoded as noise')
    .option('--index <n>', 'with --real: index of the image of each digit in the first row, from 0', integer(0), 0);
  addPictureCommand(addDatasetOptions(command), {
    animate: 'from one end to the other and back',
    out: 'output/interpolation.png',
    examples,
    sampling: { defaults: interpolationSampling, omega: 'from the configuration of the run, or 0 with --real' },
    draw: interpolate,
  });
}

async function interpolate(
  pipeline: DiffusionPipeline,
  flags: InterpolateFlags,
  given: SamplingData,
): Promise<Picture> {
  const { count, frames } = flags;
  const unguided = flags.real && given.guidanceWeight === undefined && given.guidanceScale === undefined;
  const sampling = unguided ? { ...given, guidanceWeight: 0 } : given;
  const resolved = resolveSampling(pipeline, sampling, interpolationSampling);
  print(`${count} rows of ${frames} images, ${describeSampling(pipeline, resolved)}`);
  const classes = { from: oneLabel(flags.from, '--from', pipeline), to: oneLabel(flags.to, '--to', pipeline) };
  const ends = flags.real
    ? await realEnds(pipeline, { ...flags, ...classes }, sampling)
    : drawnEnds(pipeline, { ...flags, ...classes }, resolved.seed);

  const rows: Uint8Array[] = [];
  for (const [from, to] of ends) {
    const { images } = await runWithProgress(planInterpolation(pipeline, { ...sampling, from, to, frames }));
    rows.push(images);
  }
  return { images: concatenated(rows), columns: frames, animation: () => thereAndBack(rows, frames) };
}

/** One picture per frame, with one image of every row. */
function thereAndBack(rows: readonly Uint8Array[], frames: number): ReturnType<Picture['animation']> {
  const there = Array.from({ length: frames }, (_, frame) => {
    return concatenated(
      rows.map((row) => row.subarray((frame * row.length) / frames, ((frame + 1) * row.length) / frames)),
    );
  });
  const back = there.slice(1, -1).reverse();
  const delay = Math.max(SHORTEST_DELAY, Math.round(ONE_WAY / frames));
  return { frames: [...there, ...back], columns: rows.length, delay, hold: delay };
}

/** The classes of both ends. */
interface LabelPair {
  readonly from: number;
  readonly to: number;
}

/** @throws ConfigError unless the text says one class */
function oneLabel(text: string, flag: string, classes: Classes): number {
  const [label, ...others] = resolveLabels([text.normalize('NFC')], classes);
  if (label !== undefined && label !== NULL_LABEL && others.length === 0) return label;
  throw new ConfigError(`${flag}: "${text}" is not one class; give its label or name.`);
}

type Ends = readonly [from: InterpolationEnd, to: InterpolationEnd];

/** Row i goes from image 2i of the seed to image 2i + 1. */
function drawnEnds(
  pipeline: DiffusionPipeline,
  { from, to, count, sameNoise }: Omit<InterpolateFlags, 'from' | 'to'> & LabelPair,
  seed: number,
): Ends[] {
  return Array.from({ length: count }, (_, row) => {
    const noise = pipeline.initialNoise(seed, 2 * row);
    return [
      { label: from, noise },
      { label: to, noise: sameNoise ? noise : pipeline.initialNoise(seed, 2 * row + 1) },
    ] as const;
  });
}

/** Real digits as noise, with a line on how well that worked. */
async function realEnds(
  pipeline: DiffusionPipeline,
  flags: Omit<InterpolateFlags, 'from' | 'to'> & LabelPair,
  { guidanceWeight, guidanceScale, samplingSteps, spacing, timesteps }: SamplingData,
): Promise<Ends[]> {
  const { from, to, count, index } = flags;
  const dataset = await loadDigits(flags, pipeline);
  const labels = Array.from({ length: count }, () => [from, to]).flat();
  const images = concatenated(labels.map((label, i) => imageOfClass(dataset, label, index + Math.floor(i / 2))));
  const how = { guidanceWeight, guidanceScale, samplingSteps, spacing, timesteps };
  const { noise, errors } = await pipeline.encode({ ...how, images, labels });
  const mean = errors.reduce((a, b) => a + b) / errors.length;
  print(
    `Encoded ${labels.length} digits of ${dataset.source}; reconstruction error ${mean.toFixed(3)} ` +
      `(root mean square; at most ${Math.max(...errors).toFixed(3)}; pixels are in [-1, 1])`,
  );
  const pixels = noise.length / labels.length;
  const end = (i: number, label: number) => ({ label, noise: noise.subarray(i * pixels, (i + 1) * pixels) });
  return Array.from({ length: count }, (_, row) => [end(2 * row, from), end(2 * row + 1, to)] as const);
}
