import { encodeWithDigest } from '../formats/safetensors-digest.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import { diffusersConfig } from '../models/unet2d/diffusers-config.js';
import { flag, options, signature } from '../utils/arguments.js';
import { ConfigError } from '../utils/errors.js';
import { pipelineModel as pipelineModelShape } from '../utils/training-shapes.js';
import { checkFitsFloat16 } from './check-float16.js';
import { diffusersFiles } from './diffusers-files.js';
import { diffusersMetadata } from './diffusers-metadata.js';
import { diffusersSampling, type DiffusersSampling } from './diffusers-sampling.js';
import { diffusersSchedulerConfig } from './diffusers-scheduler-config.js';
import type { PipelineModel } from './pipeline-model.js';

/** The version of diffusers that the files are tested with. */
const DIFFUSERS_VERSION = '0.42.1';

/** A model as `from_pretrained` of diffusers reads it. */
export interface ExportedDiffusers {
  /** The files by their paths inside the folder, with slashes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** How diffusers samples the model. */
  readonly sampling: DiffusersSampling;
}

const exportDiffusersArguments = signature('exportDiffusers', {
  model: pipelineModelShape,
  options: options({ half: flag.optional() }),
});

/**
 * A model with the network `unet2d` as a folder of diffusers: `model_index.json`, `unet/` and `scheduler/`. With the same noise, diffusers
 * draws the same images, but for what `sampling.differences` tells. `half`: weights in float16.
 *
 * @throws ConfigError for another network, which a `UNet2DModel` cannot hold, for one that predicts the flow, and for `half` where a weight is beyond float16
 */
export function exportDiffusers(
  pipelineModel: PipelineModel,
  exportOptions: { readonly half?: boolean } = {},
): ExportedDiffusers {
  exportDiffusersArguments({ model: pipelineModel, options: exportOptions });
  const { half = false } = exportOptions;
  const { model, parameters, schedule, prediction = 'epsilon' } = pipelineModel;
  if (model.architecture !== 'unet2d') {
    throw new ConfigError(
      `The network of this model is ${model.architecture}, which a UNet2DModel of diffusers cannot hold. ` +
        'Export it as denoiser.onnx and model.safetensors (--format onnx), or train a unet2d (--model unet2d).',
    );
  }
  if (prediction === 'flow') {
    throw new ConfigError(
      'This model predicts the flow, and the flow matching schedulers of diffusers ask a UNet2DModel about timestep t where this one ' +
        'is asked about t - 1. Export it as denoiser.onnx and model.safetensors (--format onnx).',
    );
  }
  if (half) checkFitsFloat16(parameters);
  const sampling = diffusersSampling(pipelineModel);
  const version = { _diffusers_version: DIFFUSERS_VERSION };
  const index = {
    _class_name: sampling.pipeline,
    ...version,
    scheduler: ['diffusers', sampling.scheduler],
    unet: ['diffusers', 'UNet2DModel'],
  };
  // The reader knows this field from other programs; UNet2DModel does not. JSON leaves it out.
  const config = { ...diffusersConfig(model), attention_legacy_order: undefined, ...version };
  const scheduler = { ...diffusersSchedulerConfig(schedule, prediction, sampling), ...version };
  const weights = encodeWithDigest(
    denoiserParameters(model).toNamedTensors(parameters),
    { format: 'pt', ...diffusersMetadata(pipelineModel, sampling) },
    half ? 'F16' : 'F32',
  );
  return {
    files: new Map([
      [diffusersFiles.index, encodeJson(index)],
      [diffusersFiles.config, encodeJson(config)],
      [diffusersFiles.scheduler, encodeJson(scheduler)],
      [diffusersFiles.weights, weights],
    ]),
    sampling,
  };
}

const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
