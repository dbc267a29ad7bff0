import { z } from 'zod';
import { givenSamplingSchema, parseSampling } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { parseConfig, trainConfigSchema } from 'ts-diffusion/train';
import { quirkNames } from '../../evaluating/quirk-names.js';

/** The parts of a plan that hold fields which may be swept: `train.schedule`, `sample.guidanceWeight`, `evaluate.count`. */
export const sections = ['train', 'sample', 'evaluate'] as const;
export type Section = (typeof sections)[number];

/** How images are drawn: the options of `diffusion sample`, and which weights. */
const sampleSchema = givenSamplingSchema.extend({
  weights: z.enum(['ema', 'model', 'best']).optional().meta({
    description: 'averaged weights, those of the last step, or the best',
    expected: 'one of ema, model, best',
  }),
});

/** How images are scored: options of `diffusion evaluate` by the same names. */
export const evaluateSchema = z.strictObject({
  count: z.int().min(10).max(1_000_000).default(10_000).describe('images drawn for each cell, of all classes in turn'),
  neighbours: z.int().positive().default(5).describe('k of precision, recall, density and coverage'),
  bootstrap: z.int().min(2).default(50).describe('resamples for the error of the Fréchet distance'),
  splits: z.int().positive().optional().describe('splits of the Inception score'),
  nearCopies: z
    .int()
    .nonnegative()
    .default(1000)
    .describe('images compared with every training image; score nearCopies'),
  judges: z.int().nonnegative().max(100).default(3).describe('fresh networks for each view; score twoSample'),
  bitsPerDimImages: z.int().min(2).default(200).describe('reference images; score bitsPerDim'),
  data: z.string().min(1).optional().describe('other real images to score against, as in diffusion evaluate --data'),
  quirks: z.array(z.enum(quirkNames)).default([]).describe("deviations of the paper's published program"),
  evaluator: z
    .string()
    .min(1)
    .optional()
    .describe('classifier for the Inception score, as in diffusion evaluate --evaluator'),
  featureNetwork: z.string().min(1).optional().describe('classifier for distances and label accuracy'),
  secondFeatureNetwork: z.string().min(1).optional().describe('classifier for a further distance'),
  inceptionWeights: z.string().min(1).optional().describe("file with pytorch-fid's weights; score fid"),
});

/** What evaluations are told. */
export type EvaluateFields = z.infer<typeof evaluateSchema>;

const schemas: Record<Section, z.ZodObject> = {
  train: trainConfigSchema,
  sample: sampleSchema,
  evaluate: evaluateSchema,
};

/** Fields of the schemas that a plan may not set, and why. */
const refused: Readonly<Record<string, string>> = {
  'train.threads': 'the threads are divided among the cells; give --threads and --jobs',
  'train.maxMinutes': 'a training that ends by the clock cannot be repeated; give train.steps',
  'train.samplingSteps': 'it changes no training; give sample.samplingSteps',
  'train.guidanceWeight': 'it changes no training; give sample.guidanceWeight',
  'train.sampler': 'it changes no training; give sample.sampler',
  'train.spacing': 'it changes no training; give sample.spacing',
};

/** Fields of `evaluate` that name networks. */
export const networkFields = ['evaluator', 'featureNetwork', 'secondFeatureNetwork', 'inceptionWeights'] as const;

/** Fields of `evaluate` that change what a score means: its values compare only where these agree. */
export const notComparable: readonly string[] = [
  'count',
  'data',
  'neighbours',
  'splits',
  'nearCopies',
  'judges',
  'bitsPerDimImages',
  ...networkFields,
].map((field) => `evaluate.${field}`);

/** Parts of a field's name. @throws ConfigError unless it is `SECTION.FIELD` with a known section */
export function splitField(name: string, at: string): { readonly section: Section; readonly field: string } {
  const [section = '', field = '', ...rest] = name.split('.');
  if (!sections.some((each) => each === section) || field === '' || rest.length > 0) {
    throw new ConfigError(
      `${at}: the axis "${name}" is no field; write ${sections.map((each) => `${each}.FIELD`).join(', ')}, such as train.schedule.`,
    );
  }
  return { section: section as Section, field };
}

/** Checks one value of a field by the schema of its section. @throws ConfigError that begins with `at` */
export function checkField(section: Section, field: string, value: unknown, at: string): void {
  const reason = refused[`${section}.${field}`];
  if (reason !== undefined) throw new ConfigError(`${at}: ${section}.${field} cannot be part of a plan: ${reason}.`);
  if (section === 'sample') parseSampling(sampleSchema, { [field]: value }, `${at}: sample`);
  else parseConfig(schemas[section].partial(), { [field]: value }, `${at}: ${section}`);
}

/** Whether values of a field are whole numbers, so that ranges are rounded. */
export function isInteger(section: Section, field: string): boolean {
  const { properties = {} } = z.toJSONSchema(schemas[section], { io: 'input' });
  const described = properties[field];
  return typeof described === 'object' && described.type === 'integer';
}
