import { describe, expect, it } from 'vitest';
import { elementLoss } from '../../src/training/element-loss.js';
import { lossWeightings, lossWeights } from '../../src/diffusion/loss-weighting.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { predictionTypes } from '../../src/diffusion/prediction.js';
import { gradients, input, reduceSum } from '../../src/graph/index.js';
import { evaluate } from '../graph/reference-interpreter.js';

describe('losses of elements', () => {
  const errors = [-3, -0.5, -0.2, 0.1, 0.5, 2];
  const values = (name: Parameters<typeof elementLoss>[0]) => {
    const difference = input('difference', [errors.length]);
    const losses = elementLoss(name, difference, 0.5);
    const [slope] = gradients(reduceSum(losses, [0]), [difference]);
    return evaluate([losses, slope as typeof losses], { difference: errors }) as [Float64Array, Float64Array];
  };

  it('l1 is |e|, with slope ±1', () => {
    const [losses, slopes] = values('l1');
    expect(losses).toBeCloseToTensor([3, 0.5, 0.2, 0.1, 0.5, 2], { atol: 1e-12 });
    expect(slopes).toBeCloseToTensor([-1, -1, -1, 1, 1, 1], {});
  });

  it('l2 is e², with slope 2e', () => {
    const [losses, slopes] = values('l2');
    expect(losses).toBeCloseToTensor([9, 0.25, 0.04, 0.01, 0.25, 4], { atol: 1e-12 });
    expect(slopes).toBeCloseToTensor([-6, -1, -0.4, 0.2, 1, 4], { atol: 1e-12 });
  });

  it('huber is e²/2 up to δ, then δ(|e| − δ/2), with slope e clipped to ±δ', () => {
    // scipy.special.huber(0.5, errors), SciPy 1.17; the slopes are those of torch.nn.HuberLoss(delta=0.5).
    const [losses, slopes] = values('huber');
    expect(losses).toBeCloseToTensor([1.375, 0.125, 0.02, 0.005, 0.125, 0.875], { atol: 1e-12 });
    expect(slopes).toBeCloseToTensor([-0.5, -0.5, -0.2, 0.1, 0.5, 0.5], { atol: 1e-12 });
  });
});

describe('weights of losses', () => {
  const schedule = createNoiseSchedule('cosine', 1000);
  const timesteps = Float32Array.of(1, 100, 500, 800, 1000);
  const snr = Array.from(timesteps, (t) => {
    const alphaCumprod = schedule.alphasCumprod[t - 1] ?? NaN;
    return alphaCumprod / (1 - alphaCumprod);
  });

  it('min-snr: what Hang et al. 2023 give for each prediction (sections 3.4 and 3.5), γ = 5', () => {
    const weights = (prediction: (typeof predictionTypes)[number]) =>
      lossWeights('min-snr', prediction, schedule, timesteps);
    const relative = { rtol: 1e-6 };
    expect(weights('x0')).toBeCloseToTensor(
      snr.map((each) => Math.min(each, 5)),
      relative,
    );
    expect(weights('epsilon')).toBeCloseToTensor(
      snr.map((each) => Math.min(each, 5) / each),
      relative,
    );
    expect(weights('v')).toBeCloseToTensor(
      snr.map((each) => Math.min(each, 5) / (each + 1)),
      relative,
    );
    expect(snr[1]).toBeGreaterThan(5);
    expect(snr[2]).toBeLessThan(5);
  });

  it('edm: (σ² + σ_data²)/(σ σ_data)² on the image, σ² = 1/SNR, σ_data = 0.5 (Karras et al. 2022, Table 1)', () => {
    const expected = snr.map((each) => (1 / each + 0.25) / ((1 / each) * 0.25));
    expect(lossWeights('edm', 'x0', schedule, timesteps)).toBeCloseToTensor(expected, { rtol: 1e-6 });
  });

  it('the image that follows from a prediction counts the same whatever is predicted', () => {
    // A prediction that is off by 1 puts the image off by: √((1 − ᾱ)/ᾱ) for ε, 1 for x_0, √(1 − ᾱ) for v, s for u.
    const imageError = {
      epsilon: (s: number) => 1 / s,
      x0: () => 1,
      v: (s: number) => 1 / (1 + s),
      flow: (s: number) => (1 / (1 + Math.sqrt(s))) ** 2,
    };
    for (const weighting of lossWeightings.filter((each) => each !== 'constant')) {
      const [first, ...others] = predictionTypes.map((prediction) =>
        lossWeights(weighting, prediction, schedule, timesteps).map((weight, i) => {
          return weight / imageError[prediction](snr[i] ?? NaN);
        }),
      );
      for (const each of others) expect(each).toBeCloseToTensor(first ?? [], { rtol: 1e-5 });
    }
  });
});
