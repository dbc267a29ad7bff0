import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { samplerNames } from '../../diffusion/samplers/index.js';
import { timestepSpacings } from '../../diffusion/timestep-spacing.js';
import { CheckpointError, ConfigError, DataError } from '../../utils/errors.js';
import { shippedModelFiles } from '../../shipped/models.js';
import type { ManifestEntry, ModelManifest } from '../../pipeline/model-manifest.js';

/** A trained model that is part of the package. */
export interface ShippedModel extends Pick<ManifestEntry, 'id' | 'title' | 'description'> {
  /** Its weights, for `DiffusionPipeline.load`; the receipt of its scores lies beside them. */
  readonly path: string;
  /** How it draws best, for `pipeline.generate`. */
  readonly sampling: Omit<ManifestEntry['defaults'], 'steps'> & { readonly samplingSteps: number };
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
    const { models } = JSON.parse(readFileSync(path, 'utf8')) as ModelManifest;
    if (models.length === 0) throw new Error('no models');
    models.forEach(checkEntry);
    return models.map(({ id, file, title, description, defaults: { steps: samplingSteps, ...others } }) => ({
      ...{ id, title, description },
      path: fileURLToPath(new URL(file, folder)),
      sampling: { ...others, samplingSteps },
    }));
  } catch (error) {
    const reason = (error as Error).message;
    throw new DataError(`${path}: cannot tell which models there are (${reason}); ${INSTALL_AGAIN}.`, { cause: error });
  }
}

/** @throws Error naming what is not as it should be */
function checkEntry({ id, defaults: { sampler, steps, spacing, omega } }: ManifestEntry): void {
  const wrong = Object.entries({
    sampler: samplerNames.includes(sampler),
    spacing: timestepSpacings.includes(spacing),
    steps: Number.isInteger(steps) && steps >= 0,
    omega: omega >= 0,
  }).find(([, right]) => !right);
  if (wrong !== undefined) throw new Error(`the ${wrong[0]} of "${id}" is none`);
}

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
  const models = shippedModels();
  const model = id === undefined ? models[0] : models.find((each) => each.id === id);
  if (model === undefined) {
    throw new ConfigError(
      `no model "${id ?? ''}" in the package; there are ${models.map((each) => each.id).join(', ')}.`,
    );
  }
  if (existsSync(model.path)) return model;
  throw new CheckpointError(`${model.path}: this model of the package is missing; ${INSTALL_AGAIN}.`);
}
