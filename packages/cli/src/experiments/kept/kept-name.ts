import { baseSetting } from '../study.js';

/** The fields of a training configuration by which the trainings of a study differ. */
export interface KeptTraining {
  readonly schedule: string;
  readonly timesteps: number;
  readonly rescaleBetas: boolean;
  readonly labelDropoutPer: string;
  readonly seed: number;
}

/**
 * What a kept model is called: `corrected-cosine-4000-seed1`, by protocol, schedule, T and training seed. A linear schedule of another T
 * without rescaled betas under the corrected protocol is `corrected-linear-4000-unscaled-seed0`.
 */
export function keptName({ schedule, timesteps, rescaleBetas, labelDropoutPer, seed }: KeptTraining): string {
  const protocol = labelDropoutPer === 'batch' ? 'paper' : 'corrected';
  const isOdd = schedule === 'linear' && timesteps !== baseSetting.timesteps && rescaleBetas === (protocol === 'paper');
  const scaling = isOdd ? [rescaleBetas ? 'rescaled' : 'unscaled'] : [];
  return [protocol, schedule, timesteps, ...scaling, `seed${seed}`].join('-');
}

/** The same of the fields of a plan. */
export function trainingOfFields(fields: Readonly<Record<string, unknown>>): KeptTraining {
  return {
    schedule: fields['train.schedule'] as string,
    timesteps: fields['train.timesteps'] as number,
    rescaleBetas: fields['train.rescaleBetas'] === true,
    labelDropoutPer: fields['train.labelDropoutPer'] as string,
    seed: (fields['train.seed'] as number | undefined) ?? 0,
  };
}
