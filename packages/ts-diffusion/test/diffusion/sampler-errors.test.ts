import { expect, it } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { denoiserFrom } from '../../src/diffusion/denoiser.js';
import type { SamplerOptions } from '../../src/diffusion/reverse-process.js';
import { samplers, type SamplerName } from '../../src/diffusion/samplers/index.js';
import { CheckpointError, ConfigError } from '../../src/utils/errors.js';
import { sampleImages } from './sampling.js';

const schedule = createNoiseSchedule('linear', 20);
const run = (name: SamplerName, options: SamplerOptions, value = 0) =>
  sampleImages({
    sampler: samplers[name],
    denoiser: denoiserFrom((x, timesteps) => Promise.resolve(x.data.map(() => value * (timesteps[0] === 20 ? -1 : 1)))),
    schedule,
    labels: [0],
    height: 2,
    width: 2,
    options,
  });

it.each([
  ['ddim', { eta: 1.5 }, 'The option eta of the sampler ddim must be a number from 0 to 1, got 1.5.'],
  ['ddim', { eta: NaN }, 'got NaN'],
  ['ddpm', { eta: 0 }, 'The option eta belongs to the sampler ddim; this one has no such option.'],
  ['unipc', { variance: 'beta' }, 'The option variance belongs to the sampler ddpm; this one has no such option.'],
  ['heun', { clipX0: true, dynamicThreshold: 0.99 }, 'not both'],
  ['ddpm', { resampling: { jump: 0, times: 1 } }, 'positive integers'],
] as const)('%s refuses %j', async (name, options, message) => {
  await expect(run(name, options)).rejects.toThrow(ConfigError);
  await expect(run(name, options)).rejects.toThrow(message);
});

it('ddpm refuses a variance that it does not know', async () => {
  const options = { variance: 'learned' } as unknown as SamplerOptions;
  await expect(run('ddpm', options)).rejects.toThrow('"posterior" or "beta", got "learned".');
});

it.each([
  [{ constructor: 1 }, 'The sampler ddim has no option constructor.'],
  [{ eta: 5n }, 'must be a number from 0 to 1, got 5.'],
])('ddim refuses %o as it does other options', async (options, message) => {
  await expect(run('ddim', options as unknown as SamplerOptions)).rejects.toThrow(ConfigError);
  await expect(run('ddim', options as unknown as SamplerOptions)).rejects.toThrow(message);
});

it('a network that fails on images out of all range is not blamed for it', async () => {
  /** Predicts 1e6 first, and NaN for what comes of it. */
  const astray = (first: number) =>
    sampleImages({
      sampler: samplers.ddim,
      denoiser: denoiserFrom((x, timesteps) => Promise.resolve(x.data.map(() => (timesteps[0] === 20 ? first : NaN)))),
      schedule,
      labels: [0],
      height: 2,
      width: 2,
    });
  await expect(astray(1e6)).rejects.toThrow(
    /^The denoiser predicted NaN at timestep 19 \(value 0 of 4\), where the images had grown to [\d.e+]+: most likely the guidance weight/,
  );
  await expect(astray(1e6)).rejects.toThrow(ConfigError);
  await expect(astray(1)).rejects.toThrow('at timestep 19 (value 0 of 4): its weights are damaged');
  await expect(astray(1)).rejects.toThrow(CheckpointError);
});

it('images that overflow are told from a network that is broken, with what to do', async () => {
  await expect(run('dpm-solver++', { timesteps: [20, 19, 2] }, 3e38)).rejects.toThrow(
    /^The images became -?Infinity on the step to timestep 2 \(value 0 of 4\).*Lower the guidance weight/,
  );
});
