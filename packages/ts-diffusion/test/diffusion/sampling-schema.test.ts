import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { samplingTables, withTables } from '../../../../bench/docs/sampling-tables.js';
import { samplers, type Sampler } from '../../src/diffusion/samplers/index.js';
import { noiselessSamplers, ownOptions } from '../../src/diffusion/samplers/own-options.js';
import {
  givenSamplingSchema,
  modelSamplingSchema,
  parseSampling,
  samplingSchema,
  type SamplingFieldMeta,
} from '../../src/diffusion/sampling-schema.js';
import { spacedTimesteps, type TimestepSpacing } from '../../src/diffusion/timestep-spacing.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';

const fields = Object.entries(samplingSchema.shape as Record<string, z.ZodType>);

describe('the sampling schema', () => {
  test.each(fields)('says what %s decides and what is allowed', (_, field) => {
    const { description, expected } = (field.meta() ?? {}) as Partial<SamplingFieldMeta>;
    expect([description?.length, expected?.length]).not.toContain(0);
    expect(typeof description + typeof expected).toBe('stringstring');
  });

  test('has every option of every sampler, and fills in none of them', () => {
    const parsed = parseSampling(samplingSchema, {});
    for (const { options } of Object.values<Sampler>(samplers)) {
      for (const name of Object.keys(options)) {
        expect(samplingSchema.shape).toHaveProperty([name]);
        expect(parsed).not.toHaveProperty([name]);
      }
    }
  });

  test('as given fills in nothing, and has all that has a flag', () => {
    expect(parseSampling(givenSamplingSchema, {})).toEqual({});
    expect(Object.keys(givenSamplingSchema.shape).sort()).toEqual(
      fields
        .map(([name]) => name)
        .filter((name) => name !== 'resampling')
        .sort(),
    );
  });

  test('of a model wants all that decides its images, and has nothing that chooses them', () => {
    const whole = { sampler: 'ddim', samplingSteps: 5, spacing: 'even', guidanceWeight: 1 };
    expect(parseSampling(modelSamplingSchema, whole)).toEqual(whole);
    const { spacing, ...incomplete } = whole;
    expect(() => parseSampling(modelSamplingSchema, incomplete, 'it')).toThrow(
      'it: spacing is undefined; expected one of',
    );
    expect(spacing).toBe('even');
    expect(() => parseSampling(modelSamplingSchema, { ...whole, seed: 1 })).toThrow('no sampling option "seed"');
  });
});

describe('samplers are values', () => {
  test.each(Object.entries<Sampler>(samplers))('%s goes by its name and has defaults', (name, sampler) => {
    expect(sampler.name).toBe(name);
    expect(Object.keys(ownOptions(sampler, {}))).toEqual(Object.keys(sampler.options));
  });

  test('those without noise are told from the others', () => {
    expect(noiselessSamplers()).toEqual([
      'ddim with eta 0',
      'dpm-solver++',
      'heun',
      'unipc',
      'flow-euler',
      'flow-heun',
    ]);
  });
});

test('docs/sampling.md has the tables of the samplers and options as they are: npx tsx bench/write-sampling-tables.ts', () => {
  const text = readFileSync(new URL('../../../../docs/sampling.md', import.meta.url), 'utf8');
  expect(text).toBe(withTables(text, samplingTables));
});

test('an unknown spacing is refused', () => {
  const spacing = 'evn' as TimestepSpacing;
  expect(() => spacedTimesteps(createNoiseSchedule('cosine', 10), 3, spacing)).toThrow(
    'spacing is evn; expected one of',
  );
});
