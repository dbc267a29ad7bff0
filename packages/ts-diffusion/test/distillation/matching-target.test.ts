import { describe, expect, it } from 'vitest';
import { addNoise } from '../../src/diffusion/forward-process.js';
import { alphaCumprodAt, createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { matchingTarget } from '../../src/distillation/matching-target.js';
import { RandomStream } from '../../src/utils/random.js';
import { gaussian, posteriorMean } from '../diffusion/mixture.js';

const schedule = createNoiseSchedule('cosine', 100);

describe('the target of distribution matching', () => {
  it('moves an image by the difference of the predictions over its distance from the teacher', () => {
    const images = Float32Array.of(0, 1, /* the second image */ -1, 0.5);
    const fake = Float32Array.of(0.25, 0.75, 0, 0);
    const real = Float32Array.of(0.5, 0.5, 0, 0);
    // Mean distances from the teacher's: 0.5 and 0.75.
    const expected = [0 - (0.25 - 0.5) / 0.5, 1 - (0.75 - 0.5) / 0.5, -1, 0.5];
    expect(matchingTarget(images, fake, real, 2)).toBeCloseToTensor(expected, { rtol: 1e-6 });
  });

  it('leaves an image where both networks see it, though it is where the teacher has it', () => {
    const image = Float32Array.of(0.25, -0.5);
    expect(matchingTarget(image, image, image, 2)).toEqual(image);
  });

  it.each([
    ['from noise of no width', 0.02, 0],
    ['from a wrong place, too wide', 1.2, -0.9],
  ])('brings a generator a·z + b to the Gaussian that the teacher knows: %s', (_name, widthBegun, centreBegun) => {
    const real = gaussian(0.4, 0.3);
    let [width, centre] = [widthBegun, centreBegun];
    const pixels = 64;
    const batch = 16;
    for (let step = 1; step <= 3000; step++) {
      const random = new RandomStream(0, 99, step);
      const [z, noise] = [new Float32Array(batch * pixels), new Float32Array(batch * pixels)];
      random.fillNormal(z);
      random.fillNormal(noise);
      const images = z.map((value) => width * value + centre);
      const timesteps = Int32Array.from({ length: batch }, () => 2 + random.integer(97));
      const noisy = addNoise(schedule, images, timesteps, noise, pixels);
      const seenBy = (data: ReturnType<typeof gaussian>): Float32Array =>
        noisy.map((value, i) => {
          const t = timesteps[Math.floor(i / pixels)] ?? NaN;
          return posteriorMean(data, alphaCumprodAt(schedule, t))(value);
        });
      const target = matchingTarget(images, seenBy(gaussian(centre, Math.abs(width))), seenBy(real), pixels);
      // The gradient of half the mean squared distance from the target, which does not move with the generator.
      let [ofWidth, ofCentre] = [0, 0];
      images.forEach((value, i) => {
        const off = (value - (target[i] ?? NaN)) / images.length;
        ofWidth += off * (z[i] ?? NaN);
        ofCentre += off;
      });
      const rate = step < 2000 ? 0.01 : 0.002;
      width -= rate * ofWidth;
      centre -= rate * ofCentre;
    }
    expect(centre).toBeCloseTo(0.4, 1.5);
    expect(Math.abs(width)).toBeCloseTo(0.3, 1.5);
  });
});
