import type { ModelSampling } from '../diffusion/sampling-schema.js';
import { CheckpointError } from '../utils/errors.js';
import type { PipelineModel } from './pipeline-model.js';
import type { WeightsOrigin } from './weights-origin.js';

/** A model ready to sample from, and where its weights come from. */
export interface LoadedModel extends WeightsOrigin {
  readonly model: PipelineModel;
  /** False for an exported model without a checksum: damage of its weights would go unnoticed. */
  readonly checked: boolean;
}

/** A model of the package, with the default sampling of its manifest. */
export function withSampling(loaded: LoadedModel, sampling: ModelSampling): LoadedModel {
  return { ...loaded, model: { ...loaded.model, sampling } };
}

/**
 * @param names of the models that come with the package
 * @param otherwise why it is nothing else either
 */
export function unknownModel(name: string, names: readonly string[], otherwise: string): CheckpointError {
  return new CheckpointError(`"${name}" is not a model in the package (${names.join(', ')}), and ${otherwise}.`);
}
