import { denoiserParameters, type DenoiserConfig } from '../models/denoiser-network.js';
import type { ModernUNetConfig } from '../models/modern-unet.js';
import type { NamedTensor } from '../nn/parameters.js';
import { ConfigError } from '../utils/errors.js';

/** A network that is its teacher with the guidance weight as an additional input. */
export interface StudentNetwork {
  readonly model: ModernUNetConfig;
  /** Flat, in the order of the model's layout. */
  readonly parameters: Float32Array;
}

/**
 * The student before its training: it predicts what its teacher predicts without guidance, whatever the guidance weight.
 *
 * @param seed of the first layer of the guidance weight's embedding, which the second one multiplies by zero
 * @throws ConfigError for a teacher of another architecture than `modern-unet`, and for one that is a student
 */
export function studentOf(
  teacher: { readonly model: DenoiserConfig; readonly parameters: Float32Array },
  largestGuidanceWeight: number,
  seed: number,
): StudentNetwork {
  if (teacher.model.architecture !== 'modern-unet') {
    throw new ConfigError(
      `A teacher has to be a modern-unet, whose student takes the guidance weight as an input; this one is a ${teacher.model.architecture}.`,
    );
  }
  if (teacher.model.largestGuidanceWeight !== undefined) {
    throw new ConfigError('This model is a student already. Distill the model that it was distilled from.');
  }
  const model = { ...teacher.model, largestGuidanceWeight };
  const layout = denoiserParameters(model);
  const taught = denoiserParameters(teacher.model).toNamedTensors(teacher.parameters);
  const fresh = layout.toNamedTensors(layout.initialise(seed));
  const tensors = new Map<string, NamedTensor>([...fresh, ...taught]);
  return { model, parameters: layout.fromNamedTensors(tensors) };
}
