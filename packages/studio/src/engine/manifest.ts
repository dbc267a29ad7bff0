import type { ModelManifest } from 'ts-diffusion';

export type { ManifestEntry } from 'ts-diffusion';

/** The package's manifest as this page is served with it. */
export interface PageManifest extends ModelManifest {
  /** The classifier that tells how sure it is of each digit. */
  readonly evaluator?: { readonly file: string };
}
