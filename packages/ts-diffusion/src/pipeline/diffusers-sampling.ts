import type { TimestepSpacing } from '../diffusion/timestep-spacing.js';
import type { PipelineModel } from './pipeline-model.js';
import { drawnSampling } from './plan-sampling.js';

/** How diffusers samples a model: its scheduler, and what is told to the pipeline in each call. */
export interface DiffusersSampling {
  readonly scheduler: 'DDPMScheduler' | 'DDIMScheduler';
  /** The class of diffusers that a network without classes is sampled with. */
  readonly pipeline: 'DDPMPipeline' | 'DDIMPipeline';
  /** `num_inference_steps`. */
  readonly steps: number;
  readonly spacing: 'even' | 'leading' | 'trailing';
  readonly clipX0: boolean;
  readonly variance: 'posterior' | 'beta';
  /** `eta` of DDIM; 0 for DDPM. */
  readonly eta: number;
  /** `use_clipped_model_output` of DDIM; the same as without it unless `clipX0`. */
  readonly usesClipped: boolean;
  readonly guidanceWeight: number;
  /** Sentences on what of the model's own sampling diffusers does not do. */
  readonly differences: readonly string[];
}

/** The `timestep_spacing` of diffusers. */
export const diffusersSpacings = {
  even: 'linspace',
  leading: 'leading',
  trailing: 'trailing',
} as const satisfies Record<DiffusersSampling['spacing'], string>;

const isKnown = (spacing: TimestepSpacing | null): spacing is DiffusersSampling['spacing'] =>
  spacing !== null && Object.hasOwn(diffusersSpacings, spacing);

/**
 * How diffusers samples a model, as near as it can to how the model is sampled here unless asked otherwise: with all timesteps of `ddpm`
 * where that is by a sampler that is neither `ddpm` nor `ddim`.
 */
export function diffusersSampling(model: PipelineModel): DiffusersSampling {
  const { sampler, own, timesteps, spacing, guidanceWeight, ...others } = drawnSampling(model, {});
  const T = model.schedule.timesteps;
  const isDdim = sampler.name === 'ddim';
  const isSame = isDdim || sampler.name === 'ddpm';
  const spread = isKnown(spacing) ? spacing : 'trailing';
  const steps = isSame ? timesteps.length : T;
  // diffusers' DDIM goes down by ⌊T / steps⌋ whatever timestep comes next.
  const arrives = !isDdim || steps === T || spread === 'leading' || (spread === 'trailing' && T % steps === 0);
  const differences = [
    ...(isSame ? [] : [`Here its sampler is ${sampler.name}; the folder's DDPMScheduler takes all ${T} timesteps.`]),
    ...(isSame && spread !== spacing ? [`Here its timesteps are spaced ${spacing ?? 'one by one'}.`] : []),
    ...(isSame && spread === spacing && !arrives
      ? [`DDIMScheduler steps down by ${Math.floor(T / steps)} timesteps, here to the next one visited.`]
      : []),
    ...(others.dynamicThreshold === undefined ? [] : ['Here its predicted images are thresholded dynamically.']),
    ...(others.guidanceInterval === undefined ? [] : ['Here it is guided on an interval of noise levels.']),
    ...(others.guidanceRescale === 0 ? [] : ['Here its guided predictions are rescaled.']),
    ...(model.toneCurve === undefined ? [] : ['Here its finished images get grey levels by a tone curve.']),
  ];
  return {
    scheduler: isDdim ? 'DDIMScheduler' : 'DDPMScheduler',
    pipeline: isDdim ? 'DDIMPipeline' : 'DDPMPipeline',
    steps,
    spacing: spread,
    clipX0: others.clipX0,
    variance: own['variance'] === 'beta' ? 'beta' : 'posterior',
    eta: isDdim ? Number(own['eta']) : 0,
    usesClipped: isDdim && own['noiseFrom'] === 'clipped',
    guidanceWeight,
    differences,
  };
}
