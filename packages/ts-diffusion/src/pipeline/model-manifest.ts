import { modelSamplingSchema, parseSampling, type ModelSampling } from '../diffusion/sampling-schema.js';

/** `models/manifest.json`: the weights that are shipped. */
export interface ModelManifest {
  /** The first is the one used unless another is asked for. */
  readonly models: readonly ManifestEntry[];
}

/** A model that is shipped. */
export interface ManifestEntry {
  readonly id: string;
  /** Its weights, beside the manifest. */
  readonly file: string;
  /** The first eight hexadecimal digits of the file's SHA-256: links to pictures name them. */
  readonly weights?: string;
  readonly title: string;
  /** What it is, in a sentence. */
  readonly description: string;
  /** What to sample with unless asked otherwise. */
  readonly defaults: ModelSampling;
}

/**
 * The models of a manifest's JSON, their defaults checked.
 *
 * @throws Error naming what is not as it should be
 */
export function readManifest(text: string): ModelManifest {
  const { models } = JSON.parse(text) as ModelManifest;
  if (models.length === 0) throw new Error('no models');
  return {
    models: models.map((entry) => ({
      ...entry,
      defaults: parseSampling(modelSamplingSchema, entry.defaults, `the defaults of "${entry.id}"`),
    })),
  };
}
