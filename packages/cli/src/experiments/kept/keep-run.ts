import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { encodeModel, pipelineModel } from 'ts-diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { hasTrained, loadCheckpoint, sha256Hex, writeFileAtomic } from 'ts-diffusion/node';
import type { TrainConfig } from 'ts-diffusion/train';
import { gitCommit } from '../../git-commit.js';
import { packageVersion } from '../../version.js';
import { keptName } from './kept-name.js';
import { readKeptReceipt, writeKeptReceipt } from './kept-receipt.js';

/** Fields of a configuration that say where and how fast, not what is trained. */
export const PLACES: readonly string[] = ['data', 'initialWeights', 'threads', 'offline'];

/** Where a kept model and its receipt are. */
export const keptFiles = (folder: string, name: string): readonly [weights: string, receipt: string] => [
  join(folder, `${name}.safetensors`),
  join(folder, `${name}.json`),
];

/**
 * Writes the averaged weights of a run as float16 safetensors, with a receipt beside them, unless the same are there already.
 *
 * @param run a run folder
 * @param command trains the same weights anew
 * @returns the file that was written; undefined where it was there, or the run has not taken all its steps
 * @throws CheckpointError, WriteError; ConfigError where a weight is beyond float16, and where another model of this name is kept
 */
export function keepRun(run: string, folder: string, command: string): string | undefined {
  if (!hasTrained(run)) return undefined;
  const checkpoint = loadCheckpoint(run);
  const { config, step } = checkpoint;
  if (step !== config.steps) return undefined;
  const model = pipelineModel(checkpoint);
  const bytes = encodeModel(model, { half: true, origin: { step, averaged: true } });
  const sha256 = sha256Hex(bytes);
  const [weights, receipt] = keptFiles(folder, keptName(config));
  const kept = existsSync(weights) ? readKeptReceipt(receipt) : undefined;
  if (kept?.sha256 === sha256) return undefined;
  if (kept !== undefined) {
    throw new ConfigError(
      `${weights} is there already, with other weights (of other images, another machine or another version). Give another folder, or delete it.`,
    );
  }
  writeFileAtomic(weights, bytes);
  writeKeptReceipt(receipt, {
    program: `ts-diffusion ${packageVersion()}`,
    ...{ commit: gitCommit(), command, config: withoutPlaces(config), step, averaged: true },
    ...{ data: model.trainedOn ?? null, sha256 },
  });
  return weights;
}

/** What a training was continued from stays, as a name. */
function withoutPlaces(config: TrainConfig): Record<string, never> {
  const { initialWeights } = config;
  const entries = Object.entries(config).filter(([name]) => !PLACES.includes(name));
  const origin = initialWeights === undefined ? {} : { initialWeights: basename(initialWeights) };
  return JSON.parse(JSON.stringify({ ...Object.fromEntries(entries), ...origin })) as Record<string, never>;
}
