import { exportDenoiser } from '../models/denoiser-program.js';
import { unetParameters } from '../models/unet.js';
import { encodeSafetensors } from '../training/safetensors.js';
import type { PipelineModel } from './diffusion-pipeline.js';

/** A trained model in the formats that other programs read. */
export interface ExportedModel {
  /** ONNX, any batch size: x [B, 1, H, W] float32, t [B] float32, label [B] int64 (-1: no class) -> prediction [B, 1, H, W]. */
  readonly onnx: Uint8Array;
  /** safetensors with PyTorch's names and shapes; its metadata tells the model's configuration and noise schedule. */
  readonly safetensors: Uint8Array;
}

/** Serialises a model for other programs. */
export function exportModelFiles({
  model,
  parameters,
  schedule,
  prediction = 'epsilon',
}: PipelineModel): ExportedModel {
  return {
    onnx: exportDenoiser(model, parameters),
    safetensors: encodeSafetensors(unetParameters(model).toNamedTensors(parameters), {
      format: 'pt',
      model: JSON.stringify(model),
      prediction,
      schedule: schedule.name,
      timesteps: String(schedule.timesteps),
    }),
  };
}
