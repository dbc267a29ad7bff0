import { NULL_LABEL } from '../diffusion/denoiser.js';
import { describeToneCurve } from '../diffusion/tone-curve.js';
import { exportDenoiser } from '../models/denoiser-program.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import { PRODUCER_NAME, PRODUCER_VERSION } from '../onnx/writer.js';
import { encodeWithDigest } from '../formats/safetensors-digest.js';
import { pipelineModel as pipelineModelShape } from '../utils/training-shapes.js';
import { checkFitsFloat16 } from './check-float16.js';
import type { PipelineModel } from './pipeline-model.js';
import { describeOrigin, UNKNOWN_ORIGIN, type WeightsOrigin } from './weights-origin.js';
import { flag, options, record, signature } from '../utils/arguments.js';

/** A trained model in the formats that other programs read; the metadata of both say what it is (`modelMetadata`). */
export interface ExportedModel {
  /** ONNX, any batch size: x [B, C, H, W] float32, t [B] float32, label [B] int64 (-1: no class), of a student guidance [B] float32 -> prediction [B, C, H, W]. */
  readonly onnx: Uint8Array;
  /** safetensors with PyTorch's names and shapes, and a checksum in the metadata (`encodeWithDigest`). */
  readonly safetensors: Uint8Array;
}

/** What the exported files hold. */
export interface ExportOptions {
  /** Write the safetensors in float16, half as large; default: float32. */
  readonly half?: boolean;
  /** Where the weights come from, told in the files' metadata; default: they do not say. */
  readonly origin?: WeightsOrigin;
}

const exportModelFilesArguments = signature('exportModelFiles', {
  model: pipelineModelShape,
  options: options({ half: flag.optional(), origin: record.optional() }),
});

/**
 * Serialises a model for other programs.
 *
 * @throws ConfigError for `half` where a weight is beyond what float16 holds
 */
export function exportModelFiles(pipelineModel: PipelineModel, exportOptions: ExportOptions = {}): ExportedModel {
  exportModelFilesArguments({ model: pipelineModel, options: exportOptions });
  const { origin = UNKNOWN_ORIGIN } = exportOptions;
  const { model, parameters } = pipelineModel;
  const metadata = { ...modelMetadata(pipelineModel), ...describeOrigin(origin) };
  return { safetensors: encodeModel(pipelineModel, exportOptions), onnx: exportDenoiser(model, parameters, metadata) };
}

const encodeModelArguments = signature('encodeModel', {
  model: pipelineModelShape,
  options: options({ half: flag.optional(), origin: record.optional() }),
});

/**
 * A model as `model.safetensors`: PyTorch's names and shapes, metadata that say what it is, and a checksum.
 *
 * @throws ConfigError for `half` where a weight is beyond what float16 holds
 */
export function encodeModel(pipelineModel: PipelineModel, exportOptions: ExportOptions = {}): Uint8Array {
  encodeModelArguments({ model: pipelineModel, options: exportOptions });
  const { half = false, origin = UNKNOWN_ORIGIN } = exportOptions;
  const { model, parameters } = pipelineModel;
  const metadata = { ...modelMetadata(pipelineModel), ...describeOrigin(origin) };
  if (half) checkFitsFloat16(parameters);
  return encodeWithDigest(
    denoiserParameters(model).toNamedTensors(parameters),
    { format: 'pt', ...metadata },
    half ? 'F16' : 'F32',
  );
}

/** What another program has to know to sample with the network, and how it is sampled unless asked otherwise. */
function modelMetadata(pipelineModel: PipelineModel): Record<string, string> {
  const {
    model,
    schedule,
    prediction = 'epsilon',
    samplingSteps,
    guidanceWeight,
    sampling,
    drawingSteps,
    toneCurve,
    seenClasses,
    classNames,
    trainedOn,
  } = pipelineModel;
  return {
    program: `${PRODUCER_NAME} ${PRODUCER_VERSION}`,
    prediction,
    schedule: schedule.name,
    timesteps: String(schedule.timesteps),
    rescaleBetas: String(schedule.rescaleBetas),
    zeroTerminalSnr: String(schedule.zeroTerminalSnr),
    ...(schedule.name === 'given' && { betas: JSON.stringify([...schedule.betas]) }),
    classes: String(model.classes),
    imageSize: String(model.imageSize),
    model: JSON.stringify(model),
    ...(samplingSteps !== undefined && { samplingSteps: String(samplingSteps) }),
    ...(guidanceWeight !== undefined && { guidanceWeight: String(guidanceWeight) }),
    ...(sampling !== undefined && { sampling: JSON.stringify(sampling) }),
    ...(drawingSteps !== undefined && { drawingSteps: drawingSteps.join() }),
    ...(toneCurve !== undefined && { toneCurve: describeToneCurve(toneCurve) }),
    ...(seenClasses !== undefined && { seenClasses: seenClasses.join() }),
    ...(classNames !== undefined && { classNames: JSON.stringify(classNames) }),
    ...(trainedOn !== undefined && { trainedOn }),
    // What the network takes as a label that stands for no class.
    noClassLabel: String(NULL_LABEL),
  };
}
