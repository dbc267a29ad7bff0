import { describe, expect, it } from 'vitest';
import { networkFrom, type ImageBatch } from '../../src/diffusion/denoiser.js';
import { linearPathPoint } from '../../src/diffusion/linear-path.js';
import { createNoiseSchedule, type NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { asX0, noisyImages, predictionTarget } from '../../src/diffusion/prediction.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { samplers, type SamplerName } from '../../src/diffusion/samplers/index.js';
import { spacedTimesteps } from '../../src/diffusion/timestep-spacing.js';
import { gradients, input, mean, sub } from '../../src/graph/index.js';
import { elementLoss } from '../../src/training/element-loss.js';
import golden from '../golden/flow.json' with { type: 'json' };
import { evaluate } from '../graph/reference-interpreter.js';
import { observedOrder } from './sampler-orders.js';
import { allStates, sampleImages } from './sampling.js';

const PIXELS = 6;
const T = 1000;
const schedule = createNoiseSchedule('flow', T);

/** The factor of z_s = scale · x_t, from the definition of s = t/T. */
const scaleAt = (t: number): number => Math.sqrt((1 - t / T) ** 2 + (t / T) ** 2);

describe(`rectified flow as ${golden.origin.versions} has it`, () => {
  it.each(golden.trajectories)(
    '$sampler: the same states for the same network outputs, and a network that is asked about the same states',
    async ({ sampler, visited, z, outputs, states }) => {
      const given: ImageBatch[] = [];
      const network = networkFrom((x) => Promise.resolve(Float32Array.from(outputs[given.push(x) - 1] ?? [])));
      const [first = NaN] = visited;
      const start = {
        x: { shape: [1, 1, 1, PIXELS] as const, data: Float32Array.from(z, (value) => value / scaleAt(first)) },
        labels: Int32Array.of(0),
        noise: { next: () => new Float32Array(PIXELS) },
      };
      const denoiser = asX0(network, 'flow', schedule);
      const run = reverseProcess(samplers[sampler as SamplerName], denoiser, schedule, start, { timesteps: visited });
      const reached = (await allStates(run)).slice(1);
      const found = reached.flatMap(({ x, timestep }) => [...x].map((value) => value * scaleAt(timestep)));
      // Float32 states of magnitude up to 3.
      expect(found).toBeCloseToTensor(states.flat(), { rtol: 1e-6, atol: 2e-6 });

      // Once per visited timestep, Heun's twice; the last of each two, or the only one, is where the reference was.
      expect(given).toHaveLength(outputs.length);
      const perStep = sampler === 'flow-heun' ? 2 : 1;
      visited.slice(1).forEach((_, step) => {
        const asked = given[perStep * (step + 1)]?.data ?? [];
        if (sampler !== 'unipc') expect(asked).toBeCloseToTensor(states[step] ?? [], { rtol: 1e-6, atol: 2e-6 });
      });
    },
  );

  it.each(golden.spacings)('its $steps timesteps are those of the spacing `even`', ({ steps, timesteps }) => {
    expect(spacedTimesteps(schedule, steps, 'even')).toEqual(timesteps);
  });

  const { training } = golden;
  const timesteps = Float32Array.from(training.timesteps);
  const pair = { x0: Float32Array.from(training.x0), noise: Float32Array.from(training.noise) };

  it('the network is given (1 - s) x_0 + s ε in training, and its target is ε - x_0', () => {
    const out = new Float32Array(pair.x0.length);
    const target = predictionTarget('flow', schedule, pair, timesteps, PIXELS);
    expect(noisyImages('flow', schedule, pair, timesteps, PIXELS, out)).toBe(out);
    expect(out).toBeCloseToTensor(training.noisy, { atol: 2e-7 });
    expect(target).toEqual(Float32Array.from(training.target));
  });

  it('the loss and its gradient', () => {
    const count = training.target.length;
    const prediction = input('prediction', [count]);
    const target = predictionTarget('flow', schedule, pair, timesteps, PIXELS);
    const loss = mean(elementLoss('l2', sub(prediction, input('target', [count])), 1));
    const [gradient] = gradients(loss, [prediction]);
    const feeds = { prediction: training.prediction, target: [...target] };
    const [value, slope] = evaluate([loss, gradient as typeof loss], feeds) as [Float64Array, Float64Array];
    expect(value).toBeCloseToTensor([training.loss], { rtol: 1e-6 });
    expect(slope).toBeCloseToTensor(training.gradient, { rtol: 1e-5, atol: 1e-8 });
  });
});

/**
 * Rectified flow of Gaussian data N(m, d²). z_s is N((1 - s) m, (1 - s)² d² + s²); the flow E[ε - x_0 | z_s] that a network learns is affine
 * in z_s; and the ODE keeps the standardised z.
 */
describe('flow of Gaussian data, known in closed form', () => {
  const [m, d] = [0.4, 0.3];
  const deviation = (s: number): number => Math.hypot((1 - s) * d, s);
  const optimalFlow = (z: number, s: number): number =>
    -m + ((s - (1 - s) * d ** 2) / deviation(s) ** 2) * (z - (1 - s) * m);
  const finished = (noise: number): number => m + d * noise;

  const T = 8000;
  const fine = createNoiseSchedule('flow', T);
  const noise = Float32Array.from({ length: 32 }, (_, i) => -2.5 + (5 * i) / 31);
  const error = async (sampler: SamplerName, steps: number, path: NoiseSchedule = fine): Promise<number> => {
    const network = networkFrom((z, timesteps) =>
      Promise.resolve(z.data.map((value) => optimalFlow(value, (timesteps[0] ?? NaN) / T))),
    );
    const start = {
      x: { shape: [1, 1, 4, 8] as const, data: noise },
      labels: Int32Array.of(0),
      noise: { next: () => new Float32Array() },
    };
    const timesteps = spacedTimesteps(path, steps, 'trailing');
    const run = reverseProcess(samplers[sampler], asX0(network, 'flow', path), path, start, { timesteps });
    const images = (await allStates(run)).at(-1)?.x ?? new Float32Array();
    return Math.sqrt(images.reduce((sum, x, i) => sum + (x - finished(noise[i] ?? NaN)) ** 2, 0) / images.length);
  };

  it.each([
    ['flow-euler', 1],
    ['flow-heun', 2],
  ] as const)('%s arrives at m + d · noise with an error of order %i in the steps of s', async (sampler, order) => {
    const steps = [20, 40, 80, 160];
    const errors: number[] = [];
    for (const count of steps) errors.push(await error(sampler, count));
    expect(Math.abs(observedOrder(steps, errors) - order)).toBeLessThan(0.15);
    expect(errors.at(-1)).toBeLessThan(order === 1 ? 0.01 : 2e-4);
  });
});

it('a step of flow-euler is one of ddim without noise, on every schedule', async () => {
  for (const name of ['linear', 'cosine', 'sigmoid', 'flow'] as const) {
    const path = createNoiseSchedule(name, 60);
    const network = networkFrom((z) => Promise.resolve(z.data.map((value) => Math.sin(3 * value) - 0.2)));
    const denoiser = asX0(network, 'flow', path);
    const images = async (sampler: SamplerName) =>
      sampleImages({
        ...{ sampler: samplers[sampler], denoiser, schedule: path, labels: [0, 0], height: 3, width: 3 },
        options: { timesteps: [60, 44, 20, 3] },
      });
    expect(await images('flow-euler')).toBeCloseToTensor(await images('ddim'), { rtol: 1e-5, atol: 1e-6 });
  }
});

it('a point of the linear path is a mixture of image and noise whose weights are 1 - s and s', () => {
  for (const angle of [0, 0.3, 1.1, Math.PI / 2]) {
    const [signal, sigma] = [Math.cos(angle), Math.sin(angle)];
    const { time, scale } = linearPathPoint(signal, sigma);
    expect([scale * signal, scale * sigma]).toBeCloseToTensor([1 - time, time], { atol: 1e-15 });
  }
});
