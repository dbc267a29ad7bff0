import type { NoiseSchedule } from './noise-schedule.js';
import type { PredictionType } from './prediction.js';

/**
 * How much the loss of an image counts, depending on its timestep: `constant`, all alike (Ho et al. 2020); `min-snr`, the
 * signal-to-noise ratio but at most 5 (Hang et al. 2023); `edm`, what makes every noise level's loss start alike (Karras et
 * al. 2022).
 */
export const lossWeightings = ['constant', 'min-snr', 'edm'] as const;
export type LossWeighting = (typeof lossWeightings)[number];

/** γ of Hang et al. 2023, section 3.4. */
const LARGEST_SNR = 5;
/** σ_data of Karras et al. 2022, Table 1. */
const DATA_DEVIATION = 0.5;

/** Weights of ‖x_0 − x̂_0‖² by SNR = ᾱ/(1 − ᾱ). EDM's λ(σ) = (σ² + σ_data²)/(σ σ_data)² has σ² = 1/SNR. */
const imageWeight: Record<Exclude<LossWeighting, 'constant'>, (snr: number) => number> = {
  'min-snr': (snr) => Math.min(snr, LARGEST_SNR),
  edm: (snr) => snr + 1 / DATA_DEVIATION ** 2,
};

/** ‖prediction − target‖² = ‖x_0 − x̂_0‖² · this. */
const errorRatio: Record<PredictionType, (snr: number) => number> = {
  epsilon: (snr) => snr,
  x0: () => 1,
  v: (snr) => snr + 1,
  // x̂_0 is off by s times as much as û, 1/s = 1 + √snr.
  flow: (snr) => (1 + Math.sqrt(snr)) ** 2,
};

/**
 * The factor of each image's loss [B]: such that the errors of the image x̂_0 that follows from the prediction are weighed
 * alike whatever the network predicts. (`constant` has no factors; the errors of the prediction itself count alike.)
 *
 * @param timesteps one integer 1..T per image [B]
 */
export function lossWeights(
  weighting: Exclude<LossWeighting, 'constant'>,
  prediction: PredictionType,
  { alphasCumprod }: NoiseSchedule,
  timesteps: Float32Array,
): Float32Array {
  return timesteps.map((timestep) => {
    const alphaCumprod = alphasCumprod[timestep - 1] ?? NaN;
    const snr = alphaCumprod / (1 - alphaCumprod);
    return imageWeight[weighting](snr) / errorRatio[prediction](snr);
  });
}
