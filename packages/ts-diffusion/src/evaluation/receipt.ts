import { z } from 'zod';
import { parseJson } from '../formats/parse-json.js';
import { DataError } from '../utils/errors.js';
import { record, signature, text } from '../utils/arguments.js';
import { currentMetricName } from '../utils/metric-names.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const metric = z.string().transform(currentMetricName);

/** How images were drawn from a model; absent where they came from a folder or an IDX file. */
const generationSchema = z.strictObject({
  /** SHA-256 of the flat weight vector that was sampled from, and the training step it is of, where that is known. */
  weights: sha256,
  step: count.nullable(),
  averaged: z.boolean().nullable().describe('whether the averaged (EMA) weights were sampled, where that is known'),
  prediction: z.string(),
  schedule: z.string(),
  timesteps: count,
  sampler: z.string(),
  samplingSteps: count,
  /** Whatever else the sampler was told, e.g. `eta` or `clip`. */
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  omega: z.number().nonnegative(),
  seed: count,
  /** SHA-256 of the tone curve that finished images went through; absent: of none. */
  toneCurve: sha256.optional(),
  /** `Dataset.sha256` of the images that the model was trained on, where that is known. */
  trainedOn: sha256.optional(),
  /** What the classes are called, by label. */
  classNames: z.array(z.string()).optional(),
});

/** What of the training of a model its scores depend on; absent where that is not known. */
const trainedSchema = z.strictObject({
  /** Images that were held out to watch the training. */
  validation: count,
  classBalance: z.boolean(),
  /** What the weights were chosen by, out of those of several steps; absent: they were not. */
  selection: z.strictObject({ metric, value: z.number(), samples: count.exactOptional() }).exactOptional(),
});

/** A set of images, and what identifies it. */
const imagesSchema = z.strictObject({
  /** For people: a run, a folder, a data set. */
  source: z.string(),
  /** SHA-256 of the images as bytes, in order. */
  sha256,
  count,
  height: count,
  width: count,
});

/** A network that scores are computed with. */
const networkSchema = z.strictObject({ name: z.string(), sha256, features: count });

/** One number, and under what conditions it was computed. Two values of a metric compare only if `conditions` agree. */
const scoreSchema = z.strictObject({
  metric,
  value: z.number(),
  standardDeviation: z.number().nonnegative().optional(),
  /** The same metric between held-out and training images: what a perfect model would score. */
  floor: z.number().optional(),
  better: z.enum(['lower', 'higher']),
  conditions: z.strictObject({
    network: networkSchema.nullable(),
    /** How many images were scored. */
    samples: count,
    /** The images scored against; null where the metric needs none. */
    reference: imagesSchema.omit({ source: true }).nullable(),
    /** What the pixels were when the network saw them, e.g. `[-1, 1]`. */
    valueRange: z.string(),
    resize: z.string(),
    /** Settings of the metric itself: splits, neighbours, subsets. */
    settings: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
});

const FORMAT = 'ts-diffusion receipt 1';

const receiptSchema = z.strictObject({
  format: z.literal(FORMAT),
  program: z.string(),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  command: z.string(),
  machine: z.string(),
  images: imagesSchema,
  generation: generationSchema.nullable(),
  trained: trainedSchema.exactOptional(),
  scores: z.array(scoreSchema).min(1),
  /** What a reader should know before quoting a score, e.g. that there were fewer images than features. */
  warnings: z.array(z.string()),
});

/** How images were drawn from a model: weights, schedule, sampler, guidance weight ω and seed. */
export type Generation = z.infer<typeof generationSchema>;
export type ImageSetIdentity = z.infer<typeof imagesSchema>;
export type ScoringNetwork = z.infer<typeof networkSchema>;
/** One number, and under what conditions it was computed. Two values of a metric compare only if `conditions` agree. */
export type Score = z.infer<typeof scoreSchema>;

/** What was scored, how the images came about, and every score with the conditions under which it holds. */
export type Receipt = z.infer<typeof receiptSchema>;

/** Everything of a receipt but its format. */
export type ReceiptContents = Omit<Receipt, 'format'>;

const encodeReceiptArguments = signature('encodeReceipt', { contents: record });

/** A receipt as the text of its JSON file. @throws DataError naming the first field that is wrong */
export function encodeReceipt(contents: ReceiptContents): string {
  encodeReceiptArguments({ contents });
  const result = receiptSchema.safeParse({ format: FORMAT, ...contents });
  if (!result.success)
    throw new DataError(`encodeReceipt: these are not the contents of a receipt (${told(result.error)}).`);
  return `${JSON.stringify(result.data, null, 2)}\n`;
}

const decodeReceiptArguments = signature('decodeReceipt', { text, path: text });

/**
 * Reads the text of a receipt.
 *
 * @param path only for the messages
 * @throws DataError when it is not JSON or not a receipt, naming the first field that is wrong
 */
export function decodeReceipt(text: string, path: string): Receipt {
  decodeReceiptArguments({ text, path });
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new DataError(`${path}: not a JSON file (${(error as Error).message}).`);
  }
  const result = receiptSchema.safeParse(value);
  if (result.success) return result.data;
  throw new DataError(`${path}: not a receipt (${told(result.error)}).`);
}

/** The first thing that is wrong. */
function told({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'file'}: ${issue?.message ?? ''}`;
}
