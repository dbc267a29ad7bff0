import { z } from 'zod';
import { readJsonFile } from '../formats/read-json.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { CheckpointError } from '../../utils/errors.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const dataSchema = z.strictObject({ count, sha256 });

const FORMAT = 'ts-diffusion classifier 1';

const schema = z.strictObject({
  format: z.literal(FORMAT),
  network: z.string(),
  weights: z.strictObject({ sha256, bytes: count, parameters: count }),
  /** What the pixels must be that the network sees. */
  valueRange: z.string(),
  /** Share of the test digits that are recognised. */
  accuracy: z.number().min(0).max(1),
  /** How many of them are not. */
  errors: count,
  data: z.strictObject({ train: dataSchema, test: dataSchema }),
  command: z.string(),
  seed: count,
  steps: count,
  /** Every other setting of the training. */
  training: z.record(z.string(), z.json()),
  program: z.string(),
  /** Null where the program does not run from its repository. */
  commit: z.string().nullable(),
  /** With device, threads and library. */
  machine: z.string(),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
});

/** How the weights of a classifier came about, and how well they do. */
export type ClassifierReceipt = z.infer<typeof schema>;

/** The receipt of `models/evaluator.safetensors` is `models/evaluator.receipt.json`. */
export function receiptPath(weightsPath: string): string {
  return `${weightsPath.replace(/\.safetensors$/, '')}.receipt.json`;
}

/** Writes the receipt of a classifier as a JSON file. @throws WriteError when the file cannot be written */
export function writeClassifierReceipt(path: string, contents: Omit<ClassifierReceipt, 'format'>): void {
  writeFileAtomic(path, `${JSON.stringify(schema.parse({ format: FORMAT, ...contents }), null, 2)}\n`);
}

/** @throws CheckpointError when the file is no receipt of a classifier */
export function readClassifierReceipt(path: string): ClassifierReceipt {
  try {
    return schema.parse(readJsonFile(path));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new CheckpointError(`${path}: not a receipt of diffusion train-evaluator: ${reason}.`);
  }
}
