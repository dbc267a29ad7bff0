import type { SamplerName } from '../diffusion/samplers/index.js';
import type { TimestepSpacing } from '../diffusion/timestep-spacing.js';

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
  readonly title: string;
  /** What it is, in a sentence. */
  readonly description: string;
  /** What to sample with unless asked otherwise. */
  readonly defaults: {
    readonly sampler: SamplerName;
    readonly steps: number;
    readonly spacing: TimestepSpacing;
    readonly omega: number;
  };
}
