import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors } from '../../formats/safetensors.js';
import { checkDigest } from '../../formats/safetensors-digest.js';
import type { DiffusersConfigOptions } from '../../models/unet2d/diffusers-config.js';
import { diffusersModel } from '../../pipeline/diffusers-model.js';
import type { PipelineModel } from '../../pipeline/pipeline-model.js';
import { flag, options, positiveCount, signature, text } from '../../utils/arguments.js';
import { CheckpointError } from '../../utils/errors.js';
import { readJsonFile } from '../formats/read-json.js';

const INDEX = 'model_index.json';
const CONFIG = 'config.json';
const SCHEDULER = 'scheduler_config.json';
const WEIGHTS = 'diffusion_pytorch_model.safetensors';

const readDiffusersFolderArguments = signature('readDiffusersFolder', {
  folder: text,
  options: options({
    nullClass: flag.optional(),
    classes: positiveCount.optional(),
    imageSize: positiveCount.optional(),
  }).optional(),
});

/**
 * Reads a model of Hugging Face's diffusers: a pipeline's folder, with `model_index.json`, `unet/` and `scheduler/`, or the network's
 * own, with `config.json`, `diffusion_pytorch_model.safetensors` and `scheduler_config.json` (without that, diffusers' `DDPMScheduler`).
 *
 * @throws CheckpointError where a file is missing or damaged, ConfigError for a configuration that is not supported, DataError for
 *   JSON that is none
 */
export function readDiffusersFolder(folder: string, options: DiffusersConfigOptions = {}): PipelineModel {
  readDiffusersFolderArguments({ folder, options });
  const isPipeline = existsSync(join(folder, INDEX));
  const network = isPipeline ? join(folder, 'unet') : folder;
  const config = requiredFile(folder, join(network, CONFIG));
  const weights = requiredFile(folder, join(network, WEIGHTS));
  const scheduler = isPipeline ? join(folder, 'scheduler', SCHEDULER) : join(folder, SCHEDULER);
  const hasScheduler = isPipeline || existsSync(scheduler);
  const file = readFileSync(weights);
  const { tensors, metadata } = decodeSafetensors(file, weights);
  if (metadata['sha256'] !== undefined) checkDigest(file, metadata['sha256'], weights);
  return diffusersModel(
    {
      config: { path: config, content: readJsonFile(config) },
      scheduler: {
        path: scheduler,
        content: hasScheduler ? readJsonFile(requiredFile(folder, scheduler)) : { _class_name: 'DDPMScheduler' },
      },
      tensors: { path: weights, content: tensors },
      metadata,
    },
    options,
  );
}

function requiredFile(folder: string, path: string): string {
  if (existsSync(path) && statSync(path).isFile()) return path;
  const pickled = path.replace(/\.safetensors$/, '.bin');
  if (pickled !== path && existsSync(pickled)) {
    throw new CheckpointError(
      `${pickled}: weights in Python's pickle format are not read. Save the model with safe_serialization=True.`,
    );
  }
  throw new CheckpointError(
    `${folder}: not a model of diffusers: there is no ${path}. Give a folder with ${INDEX}, or with ${CONFIG} and ${WEIGHTS}.`,
  );
}
