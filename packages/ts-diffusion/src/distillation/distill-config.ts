import { z } from 'zod';
import { LARGEST_GUIDANCE_WEIGHT } from '../diffusion/guidance.js';
import { parseConfig } from '../utils/parse-config.js';
import { ConfigError } from '../utils/errors.js';
import { record, signature } from '../utils/arguments.js';

const count = () => z.int().positive();
const countOrNone = () => z.int().nonnegative();
const rate = () => z.number().positive().max(1);

/**
 * Everything that decides a distillation. The command line flags and the saved `distill.json` are derived from this schema. An update is
 * one of the student's weights; `steps` are those in which the student draws.
 */
export const distillConfigSchema = z.strictObject({
  model: z.string().min(1).default('modern').describe('teacher: a model in the package, a run folder, or a model file'),
  steps: z
    .array(count().max(64))
    .min(1)
    .max(8)
    .default([1, 2, 4])
    .describe('in how many evaluations the student learns to draw'),
  largestGuidanceWeight: z
    .number()
    .positive()
    .max(LARGEST_GUIDANCE_WEIGHT)
    .default(2)
    .describe('the student takes guidance weights omega from 0 to this; small ones are trained most'),

  updates: count().default(3000).describe('updates of the student, those of the regression included'),
  batchSize: count().max(4096).default(32).describe('images per update'),
  regressionUpdates: countOrNone()
    .default(300)
    .describe("first updates, in which the student learns what the teacher's solver makes of noise; 0: none"),
  regressionImages: count()
    .default(1024)
    .describe('images that the teacher draws for the regression, a multiple of the batch size'),
  regressionLearningRate: rate().default(5e-4).describe('learning rate of the regression'),
  learningRate: rate().default(1e-4).describe('learning rate of the distribution matching'),
  warmupUpdates: countOrNone().default(50).describe('first updates of the matching, in which its learning rate rises'),
  decayUpdates: countOrNone()
    .default(0)
    .describe('last updates, in which the learning rate of the matching falls along a line to zero; 0: it stays'),
  fakeUpdates: count()
    .max(100)
    .default(1)
    .describe("updates of the network that follows the student's images, for each of the student"),
  fakeLearningRate: rate().default(5e-4).describe('learning rate of that network'),
  fakeEmaDecay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .describe('decay of the moving average of its weights, by which the student is moved'),
  adamBeta1: z.number().min(0).lt(1).default(0).describe("Adam's beta1 of both networks"),
  adamBeta2: z.number().min(0).lt(1).default(0.999).describe("Adam's beta2 of both networks"),
  emaDecay: z.number().min(0).lt(1).default(0.99).describe("decay of the moving average of the student's weights"),

  seed: countOrNone().default(0).describe('seed of everything random'),
  device: z.enum(['cpu', 'webgpu']).default('cpu').describe('device to compute on'),
  threads: countOrNone()
    .max(1024)
    .default(0)
    .describe('number of threads; 0: one per physical core available to the process'),
  logEvery: count().default(20).describe('updates between two lines of metrics.jsonl'),
  checkpointEvery: count().default(100).describe('updates between two checkpoints'),
  sampleEvery: countOrNone().default(200).describe('updates between two pictures of samples; 0: none'),
  samplesPerClass: count()
    .max(100)
    .default(2)
    .describe('samples of each class for each number of steps in such a picture'),
});

/** Everything that decides a distillation. */
export type DistillConfig = Readonly<z.output<typeof distillConfigSchema>>;

const resolveDistillConfigArguments = signature('resolveDistillConfig', { given: record });

/**
 * A configuration of a distillation, checked and completed by the defaults.
 *
 * @throws ConfigError for an unknown field, naming the nearest one, and for a value out of range
 */
export function resolveDistillConfig(given: object, origin = 'distillation'): DistillConfig {
  resolveDistillConfigArguments({ given });
  const config = parseConfig(distillConfigSchema, given, origin);
  const { steps, updates, regressionUpdates, regressionImages, batchSize, decayUpdates } = config;
  if (new Set(steps).size !== steps.length) {
    throw new ConfigError(`${origin}: "steps" is ${steps.join(',')}; give each number of steps once.`);
  }
  if (regressionUpdates >= updates) {
    throw new ConfigError(
      `${origin}: "regressionUpdates" is ${regressionUpdates} of ${updates} "updates", which leaves none for the matching.`,
    );
  }
  if (regressionUpdates + decayUpdates > updates) {
    throw new ConfigError(
      `${origin}: "decayUpdates" is ${decayUpdates}, but only ${updates - regressionUpdates} of the "updates" are of the matching.`,
    );
  }
  if (regressionUpdates > 0 && regressionImages % batchSize !== 0) {
    throw new ConfigError(
      `${origin}: "regressionImages" is ${regressionImages}, which has to be a multiple of "batchSize", ${batchSize}.`,
    );
  }
  return config;
}
