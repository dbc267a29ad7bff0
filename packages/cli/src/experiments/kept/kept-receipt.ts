import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from 'ts-diffusion/errors';
import { writeFileAtomic } from 'ts-diffusion/node';
import { parseConfig } from 'ts-diffusion/train';

const FORMAT = 'ts-diffusion kept model 1';
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Fields of a configuration that later versions may add stand in it as they were written. */
const keptReceiptSchema = z.strictObject({
  format: z.literal(FORMAT),
  program: z.string(),
  /** Of the program that wrote the file, where it is known; `-changed`: with changes that were not committed. */
  commit: z.string().nullable(),
  /** Trains the same weights anew, in any folder. */
  command: z.string(),
  /** The training configuration, without paths. */
  config: z.record(z.string(), z.json()),
  /** Training steps that the weights have taken. */
  step: z.int().nonnegative(),
  averaged: z.literal(true),
  /** `Dataset.sha256` of the images that it was trained on; null where the checkpoint does not say. */
  data: sha256.nullable(),
  /** Of the safetensors file. */
  sha256,
});

/** What is known of a kept model: the JSON file beside its weights. */
export type KeptReceipt = z.infer<typeof keptReceiptSchema>;

/** The receipt of a kept model; undefined where there is none. @throws ConfigError for a file that is none */
export function readKeptReceipt(path: string): KeptReceipt | undefined {
  if (!existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${path}: not a receipt of a kept model (${(error as Error).message}).`, { cause: error });
  }
  return parseConfig(keptReceiptSchema, value, path);
}

export function writeKeptReceipt(path: string, contents: Omit<KeptReceipt, 'format'>): void {
  writeFileAtomic(path, `${JSON.stringify({ format: FORMAT, ...contents }, undefined, 2)}\n`);
}
