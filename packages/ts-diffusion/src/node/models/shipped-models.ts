import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelSampling } from '../../diffusion/sampling-schema.js';
import { CheckpointError, ConfigError, DataError } from '../../utils/errors.js';
import { readManifest, type ManifestEntry } from '../../pipeline/model-manifest.js';
import { shippedModelFiles } from '../../shipped/models.js';
import { signature, text } from '../../utils/arguments.js';

/** A trained model that is part of the package. */
export interface ShippedModel extends Pick<ManifestEntry, 'id' | 'title' | 'description'> {
  /** Its weights, for `DiffusionPipeline.load`; the receipt of its scores lies beside them. */
  readonly path: string;
  /** How it draws best, for `pipeline.generate`. */
  readonly sampling: ModelSampling;
}

const folder = new URL('./', shippedModelFiles.modern);

const INSTALL_AGAIN = 'install ts-diffusion again';

/**
 * The models of the package, the one that is used unless another is asked for first.
 *
 * @throws DataError where their list is damaged
 */
export function shippedModels(): readonly ShippedModel[] {
  const path = fileURLToPath(new URL('manifest.json', folder));
  try {
    const { models } = readManifest(readFileSync(path, 'utf8'));
    return models.map(({ id, file, title, description, defaults: sampling }) => ({
      ...{ id, title, description },
      path: fileURLToPath(new URL(file, folder)),
      sampling,
    }));
  } catch (error) {
    const reason = (error as Error).message;
    throw new DataError(`${path}: the list of models cannot be read (${reason}); ${INSTALL_AGAIN}.`, { cause: error });
  }
}

const shippedModelArguments = signature('shippedModel', { id: text.optional() });

/**
 * A model of the package; without an id the one that is used unless another is asked for: the preset `modern`, trained on all of
 * MNIST.
 *
 *     const { path, sampling } = shippedModel();
 *     const pipeline = await DiffusionPipeline.load(path);
 *     const { images } = await pipeline.generate({ labels: [3, 1, 4], ...sampling });
 *
 * @throws ConfigError where there is no such model, CheckpointError where its weights are missing, DataError as `shippedModels`
 */
export function shippedModel(id?: string): ShippedModel {
  shippedModelArguments({ id });
  const models = shippedModels();
  const model = id === undefined ? models[0] : models.find((each) => each.id === id);
  if (model === undefined) {
    throw new ConfigError(
      `There is no model "${id ?? ''}" in the package. Models: ${models.map((each) => each.id).join(', ')}.`,
    );
  }
  if (existsSync(model.path)) return model;
  throw new CheckpointError(`${model.path}: this model of the package is missing; ${INSTALL_AGAIN}.`);
}
