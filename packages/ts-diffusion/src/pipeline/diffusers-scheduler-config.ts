import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { PredictionType } from '../diffusion/prediction.js';
import { diffusersSpacings, type DiffusersSampling } from './diffusers-sampling.js';

const FIRST_BETA = 1e-4;
const LAST_BETA = 0.02;

/** What a network predicts, where schedulers of betas have a name for it. */
export type DiffusersPrediction = Exclude<PredictionType, 'flow'>;

const predictionTypes = { epsilon: 'epsilon', x0: 'sample', v: 'v_prediction' } as const satisfies Record<
  DiffusersPrediction,
  string
>;

/**
 * `scheduler_config.json` of diffusers for a noise schedule, what the network predicts, and how it is sampled. Timestep t here is t - 1
 * there, which the arrays say: β_t is element t - 1 of both. Only the plain linear schedule is the same by name; betas of all others are
 * listed (`trained_betas`): diffusers' cosine schedule ends at 0.999, and its sigmoid one is another.
 */
export function diffusersSchedulerConfig(
  schedule: NoiseSchedule,
  prediction: DiffusersPrediction,
  sampling: DiffusersSampling,
): Record<string, unknown> {
  const isLinear = schedule.name === 'linear' && !schedule.rescaleBetas;
  return {
    _class_name: sampling.scheduler,
    num_train_timesteps: schedule.timesteps,
    beta_schedule: 'linear',
    beta_start: FIRST_BETA,
    beta_end: LAST_BETA,
    trained_betas: isLinear ? null : [...schedule.betas],
    // Betas that leave nothing at T stay as they are when they are rescaled again, and other schedulers ask for this field.
    rescale_betas_zero_snr: schedule.betas.at(-1) === 1,
    prediction_type: predictionTypes[prediction],
    clip_sample: sampling.clipX0,
    clip_sample_range: 1,
    thresholding: false,
    timestep_spacing: diffusersSpacings[sampling.spacing],
    steps_offset: 0,
    ...(sampling.scheduler === 'DDIMScheduler'
      ? { set_alpha_to_one: true }
      : { variance_type: sampling.variance === 'beta' ? 'fixed_large' : 'fixed_small' }),
  };
}
