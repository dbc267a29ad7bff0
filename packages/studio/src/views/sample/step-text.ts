import type { SamplerName } from 'ts-diffusion/diffusion';
import type { Prediction } from '../../components/equations.js';

/** What the network tells of x_t. */
export const predictionTexts: Readonly<Record<Prediction, string>> = {
  epsilon: 'This network predicts the noise ε in the noisy image; the predicted image x̂₀ follows from it.',
  x0: 'This network predicts the image x̂₀ directly.',
  v: 'This network predicts the velocity v, a mixture of image and noise; the predicted image x̂₀ follows from it.',
  flow: 'This network predicts the flow u = ε − x₀ at the point z of the straight line from image to noise, which is x but for its scale: z = x / (√ᾱ + √(1 − ᾱ)), at time τ = √(1 − ᾱ) / (√ᾱ + √(1 − ᾱ)). The predicted image x̂₀ follows from it.',
};

/** How each sampler gets from timestep t to the next timestep s. */
export const samplerTexts: Readonly<Record<SamplerName, string>> = {
  ddpm: "DDPM (the paper's Algorithm 2) goes part of the way to the predicted image and adds new noise z. Here αₜ = ᾱₜ / ᾱₛ, βₜ = 1 − αₜ, and σₜ² is the posterior variance.",
  ddim: 'DDIM keeps the noise ε̂ that follows from the predicted image and adds no new noise.',
  'dpm-solver++':
    'DPM-Solver++ 2M: h is half the difference of the log signal-to-noise ratios at s and t; D extrapolates the last two predicted images. It adds no new noise.',
  'dpm-solver++-sde':
    'DPM-Solver++ 2M SDE: h is half the difference of the log signal-to-noise ratios at s and t; D extrapolates the last two predicted images; σₛ² = (1 − ᾱₛ)(1 − e⁻²ʰ) is the variance of the new noise.',
  heun: 'Heun evaluates the network at t and at s and averages the two slopes ε̂; r is the noise per image, √(1 − ᾱ) / √ᾱ. It adds no new noise.',
  unipc:
    'UniPC steps like DPM-Solver++ 2M (h is half the difference of the log signal-to-noise ratios, D extrapolates the last two predicted images), then corrects the step with the prediction at s. It adds no new noise.',
  'flow-euler':
    "Euler's method for rectified flow follows the flow û = ε̂ − x̂₀ along the straight line from noise to image, on which z = x / (√ᾱ + √(1 − ᾱ)) is the point at time τ = √(1 − ᾱ) / (√ᾱ + √(1 − ᾱ)). It adds no new noise.",
  'flow-heun':
    "Heun's method for rectified flow evaluates the network at t and at s and averages the two flows û = ε̂ − x̂₀; z = x / (√ᾱ + √(1 − ᾱ)) is the point at time τ = √(1 − ᾱ) / (√ᾱ + √(1 − ᾱ)) of the straight line from noise to image. It adds no new noise.",
};
