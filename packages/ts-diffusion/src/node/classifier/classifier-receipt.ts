import { z } from 'zod';
import { readJsonFile } from '../formats/read-json.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { CheckpointError, DataError } from '../../utils/errors.js';
import { record, signature, text } from '../../utils/arguments.js';

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

const receiptPathArguments = signature('receiptPath', { weightsPath: text });

/** The receipt of `models/evaluator.safetensors` is `models/evaluator.receipt.json`. */
export function receiptPath(weightsPath: string): string {
  receiptPathArguments({ weightsPath });
  return `${weightsPath.replace(/\.safetensors$/, '')}.receipt.json`;
}

const writeClassifierReceiptArguments = signature('writeClassifierReceipt', { path: text, contents: record });

/**
 * Writes the receipt of a classifier as a JSON file.
 *
 * @throws WriteError when the file cannot be written, DataError for contents that are not a receipt's
 */
export function writeClassifierReceipt(path: string, contents: Omit<ClassifierReceipt, 'format'>): void {
  writeClassifierReceiptArguments({ path, contents });
  const { data, error } = schema.safeParse({ format: FORMAT, ...contents });
  if (error) throw new DataError(`${path}: not the contents of a classifier's receipt: ${z.prettifyError(error)}.`);
  writeFileAtomic(path, `${JSON.stringify(data, null, 2)}\n`);
}

const readClassifierReceiptArguments = signature('readClassifierReceipt', { path: text });

/**
 * Reads what `writeClassifierReceipt` wrote.
 *
 * @throws CheckpointError when the file is no receipt of a classifier
 */
export function readClassifierReceipt(path: string): ClassifierReceipt {
  readClassifierReceiptArguments({ path });
  try {
    return schema.parse(readJsonFile(path));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new CheckpointError(`${path}: not a receipt of diffusion train-evaluator: ${reason}.`);
  }
}
