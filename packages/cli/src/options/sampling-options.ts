import { InvalidArgumentError, Option, type Command } from 'commander';
import { type DiffusionPipeline, LARGEST_BATCH, type SamplingOptions } from 'ts-diffusion';
import { type SamplerName, samplerNames, type TimestepSpacing, timestepSpacings } from 'ts-diffusion/diffusion';
import { shippedModel } from 'ts-diffusion/node';
import { integer, numberFrom, type ArgumentParser } from './arguments.js';
import { listedModels, type CheckpointFlags } from './pipeline-options.js';

/** The percentile that Saharia et al. 2022 use. */
const USUAL_PERCENTILE = '0.995';

/** The options that say how to sample, as every command that draws has them. */
export interface SamplingFlags extends Omit<SamplingOptions, 'timesteps' | 'resampling'> {
  readonly seed: number;
  readonly batchSize: number;
}

/** What the options are unless given, where that depends on the command. */
export interface SamplingDefaults {
  /** Absent: ddpm with even spacing, but a shipped model its own; see `withShippedSampling`. */
  readonly sampler?: SamplerName;
  /** Absent, with a sampler: even. */
  readonly spacing?: TimestepSpacing;
  /** In words. */
  readonly omega?: string;
}

export const guidanceHelp = `
Guidance weight omega: the prediction is (1 + omega) * with label - omega * without (equation 6). Omega 0 is the plain
conditional model. Programs that speak of a guidance scale s mean s = 1 + omega; --guidance-scale takes that.`;

/** See `withShippedSampling`. */
const OWN_SETTINGS = 'for a model of the package, with no sampler but its own: what is listed below';

/** Adds the options of `SamplingFlags`. */
export function addSamplingOptions(command: Command, { sampler, spacing, omega }: SamplingDefaults = {}): Command {
  const asConfigured =
    sampler === undefined ? `as the run was configured; ${OWN_SETTINGS}` : 'as the run was configured';
  return command
    .option('-s, --seed <n>', 'which images; the same seed gives the same images', integer(0), 0)
    .option('-b, --batch-size <n>', 'images drawn together', integer(1, LARGEST_BATCH), 128)
    .optionsGroup('Guidance:')
    .option('-w, --omega <number>', `guidance weight; default: ${omega ?? asConfigured}`, numberFrom(0))
    .addOption(
      new Option('--guidance-scale <s>', 'the same in the other convention, s = 1 + omega')
        .argParser(numberFrom(1))
        .conflicts('omega'),
    )
    .option(
      '--guidance-interval <low,high>',
      "guide only between these noise levels (EDM's sigma), e.g. 0.3,5",
      numberPair,
    )
    .option('--guidance-rescale <0..1>', 'bring the contrast of guided predictions back, e.g. 0.7', numberFrom(0))
    .optionsGroup('Sampling algorithm:')
    .addOption(samplerOption(sampler))
    .option(
      '--steps, --sampling-steps <n>',
      `how many of the T timesteps to visit; 0: all; default: ${asConfigured}`,
      integer(0),
    )
    .addOption(spacingOption(sampler, spacing))
    .option('--eta <0..1>', 'noise that the sampler ddim adds; default: 0, none', numberFrom(0))
    .addOption(
      new Option('--variance <name>', 'noise that the sampler ddpm adds; default: posterior').choices([
        'posterior',
        'beta',
      ]),
    )
    .option('--clip, --clip-x0', 'clip the predicted image to black..white at every step (the paper does not)')
    .addOption(
      new Option(
        '--threshold, --dynamic-threshold [percentile]',
        `dynamic thresholding of the predicted image instead; without a number: ${USUAL_PERCENTILE}`,
      )
        .argParser(numberFrom(0))
        .preset(USUAL_PERCENTILE)
        .conflicts('clipX0'),
    )
    .optionsGroup('Options:');
}

function samplerOption(sampler: SamplerName | undefined): Option {
  const option = (about: string): Option => new Option('--sampler <name>', about).choices(samplerNames);
  if (sampler !== undefined) return option('sampling algorithm').default(sampler);
  return option(`sampling algorithm; default: ddpm; ${OWN_SETTINGS}`);
}

function spacingOption(sampler: SamplerName | undefined, spacing: TimestepSpacing = 'even'): Option {
  const option = (about: string): Option => new Option('--spacing <name>', about).choices(timestepSpacings);
  if (sampler !== undefined) return option('how these are spread').default(spacing);
  return option(`how these are spread; default: ${spacing}; ${OWN_SETTINGS}`);
}

/** Lines of help: every model of the package and how it is sampled. */
export function shippedModelsHelp(): string {
  const lines = listedModels().map(({ id, description, sampling: { sampler, samplingSteps, spacing, omega } }) => {
    const how = `${sampler}, ${samplingSteps} steps (${spacing}), omega ${omega}`;
    return `  ${id.padEnd(8)}${description}\n${' '.repeat(10)}Drawn from by ${how}, unless something else is asked for.`;
  });
  return `\nModels of the package:\n${lines.join('\n')}\n`;
}

/** The flags, completed by the shipped model's own settings where one is sampled and no other sampler was asked for. */
export function withShippedSampling<Flags extends CheckpointFlags & SamplingFlags>(flags: Flags): Flags {
  const { model, run, checkpoint, sampler, samplingSteps, spacing, omega, guidanceScale } = flags;
  if (run !== undefined || checkpoint !== undefined) return flags;
  const { sampling } = shippedModel(model);
  if (sampler !== undefined && sampler !== sampling.sampler) return flags;
  return {
    ...flags,
    sampler: sampling.sampler,
    samplingSteps: samplingSteps ?? sampling.samplingSteps,
    spacing: spacing ?? sampling.spacing,
    omega: guidanceScale === undefined ? (omega ?? sampling.omega) : undefined,
  };
}

/** What is about to happen, e.g. `sampler ddim, 25 of T = 500 timesteps (cosine, log-snr), guidance weight omega = 1 (...)`. */
export function describeSampling(pipeline: DiffusionPipeline, options: SamplingOptions): string {
  const { sampler = 'ddpm', samplingSteps, spacing = 'even' } = options;
  const visited = pipeline.samplingTimesteps(samplingSteps, spacing).length;
  const { name, timesteps } = pipeline.schedule;
  const spread = spacing === 'even' ? name : `${name}, ${spacing}`;
  const guidance = describeGuidance(pipeline.guidanceWeightOf(options));
  return `sampler ${sampler}, ${visited} of T = ${timesteps} timesteps (${spread}), ${guidance}`;
}

/** The guidance weight in both conventions. */
function describeGuidance(omega: number): string {
  const short = (value: number): number => Number(value.toPrecision(6));
  return `guidance weight omega = ${short(omega)} (guidance scale s = 1 + omega = ${short(1 + omega)})`;
}

const numberPair: ArgumentParser<[number, number]> = (text) => {
  const [low = NaN, high = NaN, ...more] = text.split(',').map((item) => (item.trim() === '' ? NaN : Number(item)));
  if (!(low >= 0 && high >= low) || more.length > 0) {
    throw new InvalidArgumentError(
      'Expected two numbers, the first >= 0 and the second at least the first, e.g. 0.3,5.',
    );
  }
  return [low, high];
};
