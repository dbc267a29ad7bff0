import { z } from 'zod';
import { zeroTerminalSnrBetas } from '../diffusion/betas.js';
import { createNoiseSchedule, MAX_TIMESTEPS, type NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { PredictionType } from '../diffusion/prediction.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import { fieldRefusal } from '../utils/field-refusal.js';
import { ConfigError } from '../utils/errors.js';
import { diffusersSolvers, otherAlgorithm, type DiffusersSolver } from './diffusers-solvers.js';

const schedulers = [
  'DDPMScheduler',
  'DDIMScheduler',
  'DPMSolverMultistepScheduler',
  'UniPCMultistepScheduler',
] as const;

/** Fields of other schedulers, and those that change nothing for these, are passed over; of solvers, `otherAlgorithm` looks at them. */
const schedulerSchema = z.object({
  _class_name: z.enum(schedulers),
  num_train_timesteps: z.int().min(1).max(MAX_TIMESTEPS).default(1000),
  beta_start: z.number().gt(0).lt(1).default(1e-4),
  beta_end: z.number().gt(0).lt(1).default(0.02),
  beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid']).default('linear'),
  trained_betas: z.array(z.number()).nullable().default(null),
  rescale_betas_zero_snr: z.boolean().default(false),
  prediction_type: z.enum(['epsilon', 'sample', 'v_prediction']).default('epsilon'),
  variance_type: z.enum(['fixed_small', 'fixed_small_log', 'fixed_large']).nullable().default('fixed_small'),
  clip_sample: z.boolean().default(true),
  clip_sample_range: z.number().positive().default(1),
  thresholding: z.boolean().default(false),
  sample_max_value: z.number().positive().default(1),
  set_alpha_to_one: z.literal(true).default(true),
  timestep_spacing: z.enum(['leading', 'linspace', 'trailing']).optional(),
  steps_offset: z.int().min(0).default(0),
});

type SchedulerConfig = z.output<typeof schedulerSchema>;

/** The noise schedule of a diffusers scheduler, what its network predicts, and how its pipeline samples. */
export interface DiffusersScheduler {
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionType;
  readonly sampling: ModelSampling;
}

const predictions = { epsilon: 'epsilon', sample: 'x0', v_prediction: 'v' } as const;
const spacings = { leading: 'leading', linspace: 'even', trailing: 'trailing' } as const;

/** Steps of the pipelines that diffusers offers for the schedulers, unless it is told otherwise; 0: all. */
const USUAL_STEPS = {
  DDPMScheduler: 0,
  DDIMScheduler: 50,
  DPMSolverMultistepScheduler: 25,
  UniPCMultistepScheduler: 25,
};

/**
 * A scheduler configuration of diffusers, `scheduler_config.json`, in this program's terms. Chains of `DDPMScheduler` and
 * `DDIMScheduler` are the same, timestep t here being t - 1 there; the two other schedulers have the same algorithm, not the same
 * treatment of the first and last step.
 *
 * @param value as JSON has it
 * @param path only for the messages
 * @throws ConfigError naming the first field and value that are not supported
 */
export function parseDiffusersScheduler(value: unknown, path: string): DiffusersScheduler {
  const { success, data, error } = schedulerSchema.safeParse(value);
  if (!success) throw new ConfigError(`${path}: ${fieldRefusal(error, value)}`);
  const refuse = (field: keyof SchedulerConfig, expected: string): never => {
    throw new ConfigError(`${path}: "${field}" is ${JSON.stringify(data[field])}; expected ${expected}.`);
  };
  const { _class_name: name, num_train_timesteps: timesteps, timestep_spacing: spacing } = data;
  if (isSolver(name)) checkAlgorithm(name, value as Record<string, unknown>, path);
  if (data.trained_betas !== null && data.trained_betas.length !== timesteps) {
    refuse('num_train_timesteps', `${data.trained_betas.length}, the number of "trained_betas"`);
  }
  const spread = spacing ?? (isSolver(name) ? 'linspace' : 'leading');
  if (spread === 'leading' && data.steps_offset > 0) refuse('steps_offset', '0 with "timestep_spacing" "leading"');
  return {
    schedule: scheduleOf(data, path),
    prediction: predictions[data.prediction_type],
    sampling: {
      ...samplerOf(data, refuse),
      samplingSteps: USUAL_STEPS[name] < timesteps ? USUAL_STEPS[name] : 0,
      spacing: spacings[spread],
      guidanceWeight: 0,
    },
  };
}

function samplerOf(
  data: SchedulerConfig,
  refuse: (field: keyof SchedulerConfig, expected: string) => never,
): Pick<ModelSampling, 'sampler' | 'variance' | 'noiseFrom' | 'clipX0'> {
  const name = data._class_name;
  // With a largest value of 1, dynamic thresholding clips.
  if (data.thresholding && data.sample_max_value !== 1) refuse('sample_max_value', '1');
  if (isSolver(name)) return { sampler: diffusersSolvers[name], ...(data.thresholding && { clipX0: true }) };
  const clipX0 = data.thresholding || data.clip_sample;
  if (clipX0 && !data.thresholding && data.clip_sample_range !== 1) refuse('clip_sample_range', '1');
  const clipped = clipX0 ? { clipX0 } : {};
  return name === 'DDPMScheduler'
    ? { sampler: 'ddpm', variance: data.variance_type === 'fixed_large' ? 'beta' : 'posterior', ...clipped }
    : { sampler: 'ddim', noiseFrom: 'unclipped', ...clipped };
}

const isSolver = (name: string): name is DiffusersSolver => Object.hasOwn(diffusersSolvers, name);

/** @throws ConfigError for a solver whose images would be others here */
function checkAlgorithm(solver: DiffusersSolver, config: Readonly<Record<string, unknown>>, path: string): void {
  const other = otherAlgorithm(solver, config);
  if (other === undefined) return;
  const { field, expected } = other;
  throw new ConfigError(
    `${path}: "${field}" is ${JSON.stringify(config[field])}; expected ${JSON.stringify(expected)}, or another scheduler ` +
      '("_class_name": "DDPMScheduler").',
  );
}

/** @throws ConfigError naming the file, for betas that make no noise schedule */
function scheduleOf(data: SchedulerConfig, path: string): NoiseSchedule {
  try {
    return createSchedule(data);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${path}: ${error.message}`, { cause: error });
  }
}

function createSchedule(data: SchedulerConfig): NoiseSchedule {
  const { num_train_timesteps: timesteps, beta_schedule: name, beta_start: first, beta_end: last } = data;
  const isOwn = name === 'linear' && first === 1e-4 && last === 0.02 && data.trained_betas === null;
  if (isOwn) {
    return createNoiseSchedule('linear', timesteps, { zeroTerminalSnr: data.rescale_betas_zero_snr });
  }
  const betas = Float64Array.from(data.trained_betas ?? formulaBetas(data));
  const rescaled = data.rescale_betas_zero_snr ? zeroTerminalSnrBetas(betas) : betas;
  return createNoiseSchedule('linear', timesteps, { betas: [...rescaled] });
}

const COSINE_OFFSET = 0.008;
const COSINE_LARGEST_BETA = 0.999;
const SIGMOID_END = 6;

/** β_1..β_T by diffusers' formulas. Its cosine schedule differs from the paper's: no smallest β, and 0.999 as the largest. */
function formulaBetas(data: SchedulerConfig): number[] {
  const { num_train_timesteps: count, beta_schedule: name, beta_start: first, beta_end: last } = data;
  const between = (from: number, to: number): number[] =>
    Array.from({ length: count }, (_, i) => from + (count > 1 ? (i * (to - from)) / (count - 1) : 0));
  switch (name) {
    case 'linear':
      return between(first, last);
    case 'scaled_linear':
      return between(Math.sqrt(first), Math.sqrt(last)).map((root) => root ** 2);
    case 'sigmoid':
      return between(-SIGMOID_END, SIGMOID_END).map((at) => first + (last - first) / (1 + Math.exp(-at)));
    case 'squaredcos_cap_v2': {
      const signal = (t: number): number =>
        Math.cos(((t / count + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * (Math.PI / 2)) ** 2;
      return Array.from({ length: count }, (_, i) => Math.min(1 - signal(i + 1) / signal(i), COSINE_LARGEST_BETA));
    }
  }
}
