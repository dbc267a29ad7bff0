/** Compares how fast two schedules destroy an image: the share of its variance left at timestep t (equation 3). */
import { createNoiseSchedule } from 'ts-diffusion/diffusion';

const T = 1000;
const linear = createNoiseSchedule('linear', T);
const cosine = createNoiseSchedule('cosine', T);
console.log('   t  linear  cosine');
for (let t = 100; t <= T; t += 100) {
  const left = [linear, cosine].map(({ alphasCumprod }) => (alphasCumprod[t - 1] as number).toFixed(4));
  console.log(`${String(t).padStart(4)}  ${left.join('  ')}`);
}
