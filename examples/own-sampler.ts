/**
 * Draws ten digits with a sampler of its own: Euler's method for the probability flow, whose steps may renew a share of the noise
 * (σ of Song et al. 2021, equation 12). `npx tsx examples/own-sampler.ts [png] [churn]`
 */
import { DiffusionPipeline } from 'ts-diffusion';
import { defineSampler } from 'ts-diffusion/diffusion';
import { encodePng, imageGrid } from 'ts-diffusion/images';
import { writeFileAtomic } from 'ts-diffusion/node';
import { z } from 'zod';

const euler = defineSampler({
  name: 'euler',
  title: 'Euler, with churn',
  order: 1,
  stochastic: ({ churn }) => churn > 0,
  options: {
    churn: z.number().min(0).max(1).default(0).meta({
      description: 'fraction of fresh noise in each step, from 0 (none) to 1 (all)',
      expected: 'a number from 0 to 1',
    }),
  },
  step:
    ({ churn }) =>
    ({ transition, x, predictedX0, noise }) => {
      const { previous, signal, sigma, signalPrevious, sigmaPrevious } = transition;
      // x_s = √ᾱ_s · x_0 + √(1 - ᾱ_s) · (√(1 - churn²) · ε + churn · z), where ε = (x_t - √ᾱ_t · x_0) / √(1 - ᾱ_t)
      const kept = sigmaPrevious * Math.sqrt(1 - churn ** 2);
      const fresh = churn > 0 && previous > 0 ? noise() : undefined;
      return x.map((value, i) => {
        const x0 = predictedX0[i] as number;
        const epsilon = (value - signal * x0) / sigma;
        return signalPrevious * x0 + kept * epsilon + sigmaPrevious * churn * (fresh?.[i] ?? 0);
      });
    },
});

const [out = 'output/own-sampler.png', churn = '0.3'] = process.argv.slice(2);
const pipeline = await DiffusionPipeline.load('quick');
const labels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const samples = await pipeline.generate({ labels, seed: 1, sampler: euler, samplingSteps: 20, churn: Number(churn) });
await pipeline.dispose();

const grid = imageGrid(samples.images, samples, 5);
writeFileAtomic(out, encodePng(grid.data, grid.width, grid.height));
console.log(`${samples.count} images in ${out}`);
