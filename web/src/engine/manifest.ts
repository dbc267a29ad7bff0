import type { ModelManifest } from '../../../src/pipeline/model-manifest.js';

export type { ManifestEntry } from '../../../src/pipeline/model-manifest.js';

/** The package's manifest as this page is served with it. */
export interface PageManifest extends ModelManifest {
  /** The classifier that tells how sure it is of each digit. */
  readonly evaluator?: { readonly file: string };
}
