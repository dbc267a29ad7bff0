import { parseArgs } from 'node:util';
import { networkFrom } from '../packages/ts-diffusion/src/diffusion/denoiser.js';
import { withGuidance } from '../packages/ts-diffusion/src/diffusion/guidance.js';
import { createNoiseSchedule } from '../packages/ts-diffusion/src/diffusion/noise-schedule.js';
import { NoiseSource } from '../packages/ts-diffusion/src/diffusion/noise-source.js';
import { asX0 } from '../packages/ts-diffusion/src/diffusion/prediction.js';
import { reverseProcess } from '../packages/ts-diffusion/src/diffusion/reverse-process.js';
import { samplerNames, samplers } from '../packages/ts-diffusion/src/diffusion/samplers/index.js';
import { evenlySpacedTimesteps } from '../packages/ts-diffusion/src/diffusion/timesteps.js';

/**
 * What a guided sampling step costs outside the network, at batch 128: every sampler with a network that answers at once.
 * Run from the repository root: npx tsx bench/samplers.ts
 */
parseArgs();
const BATCH = 128;
const STEPS = 100;
const schedule = createNoiseSchedule('linear', 1000);
const answer = new Float32Array(2 * BATCH * 784).fill(0.1);
const denoiser = asX0(
  withGuidance(
    networkFrom(() => Promise.resolve(answer)),
    1,
  ),
  'epsilon',
  schedule,
);

for (const name of samplerNames) {
  const run = async (): Promise<number> => {
    const noise = new NoiseSource(0, 0, BATCH, 784);
    const x = { shape: [BATCH, 1, 28, 28], data: noise.next() } as const;
    const options = { timesteps: evenlySpacedTimesteps(1000, STEPS) };
    const begin = performance.now();
    for await (const { step } of reverseProcess(
      samplers[name],
      denoiser,
      schedule,
      { x, labels: new Int32Array(BATCH), noise },
      options,
    )) {
      if (step === STEPS) break;
    }
    return (performance.now() - begin) / STEPS;
  };
  const times: number[] = [];
  for (let round = 0; round < 7; round++) times.push(await run());
  times.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(18)} ${(times[3] ?? NaN).toFixed(2)} ms per step (${times.map((t) => t.toFixed(1)).join(', ')})`,
  );
}
