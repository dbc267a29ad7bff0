import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addSamplingOptions, samplingOf } from '../../src/options/sampling-options.js';
import {
  givenSamplingSchema,
  parseSampling,
  type SamplingData,
} from '../../../ts-diffusion/src/diffusion/sampling-schema.js';
import { flagArguments } from '../../src/options/schema-flags.js';

function parsed(...args: string[]): SamplingData {
  const command = addSamplingOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  command.parse(args, { from: 'user' });
  return samplingOf(command.opts());
}

const all: readonly SamplingData[] = [
  {},
  { seed: 7, firstImage: 3, batchSize: 32, guidanceWeight: 1.5, guidanceInterval: [0.3, 5], guidanceRescale: 0.7 },
  {
    guidanceScale: 2.5,
    sampler: 'ddim',
    samplingSteps: 9,
    spacing: 'log-snr',
    eta: 0.5,
    noiseFrom: 'unclipped',
    clipX0: true,
  },
  { sampler: 'ddpm', variance: 'beta', timesteps: [900, 400, 10], dynamicThreshold: 0.99, rawLevels: true },
  { clipX0: false, rawLevels: false },
];

test.each(all)('%j as flags and back', (sampling) => {
  expect(parseSampling(givenSamplingSchema, { ...sampling })).toEqual(sampling);
  expect(parsed(...flagArguments(givenSamplingSchema, sampling))).toEqual(sampling);
});

test('every option has been there and back', () => {
  const names = new Set(all.flatMap((sampling) => Object.keys(sampling)));
  expect([...names].sort()).toEqual(Object.keys(givenSamplingSchema.shape).sort());
});

test('the short names', () => {
  const short = '-s 1 -b 2 -w 3 --steps 4 --clip'.split(' ');
  expect(parsed(...short)).toEqual({ seed: 1, batchSize: 2, guidanceWeight: 3, samplingSteps: 4, clipX0: true });
  expect(parsed('--threshold')).toEqual({ dynamicThreshold: 0.995 });
});

test.each([
  [['--eta', '2'], 'Expected a number from 0 to 1.'],
  [['--timesteps', '9,x'], 'Expected strictly decreasing integers within 1..T.'],
  [['--omega', '1', '--guidance-scale', '2'], 'cannot be used with'],
  [['--clip', '--threshold'], 'cannot be used with'],
])('refuses %j', (args, message) => {
  expect(() => parsed(...args)).toThrow(message);
});
