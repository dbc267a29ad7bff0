import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { asX0 } from '../../src/diffusion/prediction.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { samplers } from '../../src/diffusion/samplers/index.js';
import { spacedTimesteps } from '../../src/diffusion/timestep-spacing.js';
import { parseDiffusersScheduler } from '../../src/pipeline/diffusers-scheduler.js';

interface Chain {
  readonly scheduler: Readonly<Record<string, unknown>>;
  /** As diffusers counts them. */
  readonly timesteps: readonly number[];
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** Written by bench/golden/diffusers_solvers.py. */
const { chains } = JSON.parse(readFileSync(new URL('../golden/diffusers-solvers.json', import.meta.url), 'utf8')) as {
  readonly chains: readonly Chain[];
};

const network = networkFrom((x) =>
  Promise.resolve(x.data.map((value) => 0.8 * Math.tanh(0.7 * value) + 0.05 * Math.cos(3 * value))),
);

async function drawn(chain: Chain, timesteps: readonly number[]): Promise<Float32Array> {
  const { schedule, prediction, sampling } = parseDiffusersScheduler(chain.scheduler, 'scheduler_config.json');
  const sampler = sampling.sampler === 'unipc' ? samplers.unipc : samplers['dpm-solver++'];
  const start = {
    x: { shape: [1, 1, 2, 4] as const, data: Float32Array.from(chain.start) },
    labels: Int32Array.of(-1),
    noise: { next: () => new Float32Array(8) },
  };
  const denoiser = asX0(network, prediction, schedule);
  let x: Float32Array = start.x.data;
  const { clipX0 } = sampling;
  for await (const state of reverseProcess(sampler, denoiser, schedule, start, { timesteps, clipX0 })) x = state.x;
  return x;
}

const named = chains.map((chain) => [JSON.stringify(chain.scheduler), chain.timesteps.length, chain] as const);

it.each(named)('the same images as diffusers at its timesteps: %s, %i steps', async (_, _steps, chain) => {
  const image = await drawn(
    chain,
    chain.timesteps.map((t) => t + 1),
  );
  // Where nothing is left of the image at T, diffusers goes on with 2^-24 of it.
  const atol = chain.scheduler['rescale_betas_zero_snr'] === true ? 5e-4 : 5e-6;
  expect(image).toBeCloseToTensor(chain.end, { rtol: 5e-6, atol });
});

it.each(named)(
  'the timesteps of "trailing" are those of diffusers, others are not: %s, %i steps',
  (_, steps, chain) => {
    const { schedule, sampling } = parseDiffusersScheduler(chain.scheduler, 'scheduler_config.json');
    const own = spacedTimesteps(schedule, steps, sampling.spacing);
    const theirs = chain.timesteps.map((t) => t + 1);
    if (sampling.spacing === 'trailing') expect(own).toEqual(theirs);
    else expect(own).not.toEqual(theirs);
  },
);
