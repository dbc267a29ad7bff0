import { z } from 'zod';
import { givenSamplingSchema } from 'ts-diffusion/diffusion';
import { pathFields } from 'ts-diffusion/train';
import type { ResumeRequest, SampleRequest, StartRequest } from './api.js';

const count = z.int().positive();

/** What lies where on the server's machine is no business of the page's. */
const withoutPaths = z.record(z.string().max(40), z.json()).superRefine((config, context) => {
  for (const field of pathFields) {
    if (field in config) context.addIssue({ code: 'custom', message: `"${field}" cannot be chosen from the page` });
  }
});

export const startRequest: z.ZodType<StartRequest> & z.ZodObject = z.strictObject({
  name: z.string(),
  preset: z.string().max(40),
  config: withoutPaths,
});

export const resumeRequest: z.ZodType<ResumeRequest> & z.ZodObject = z.strictObject({ steps: count.optional() });

/** How to draw. How many images are drawn at a time is the server's business. */
export const requestedSampling = givenSamplingSchema.omit({ firstImage: true, batchSize: true });

export const sampleRequest: z.ZodType<SampleRequest> & z.ZodObject = z.strictObject({
  checkpoint: z.string(),
  weights: z.enum(['ema', 'model']),
  labels: z.union([z.literal('all'), z.array(z.int().min(-1).max(999)).min(1).max(100)]),
  ...requestedSampling.shape,
});
