import type { SampleSettings } from './protocol.js';

/** `models/manifest.json`: the weights that are shipped. */
export interface ModelManifest {
  /** The first is the one the page opens with. */
  readonly models: readonly ShippedModel[];
  /** The classifier that tells how sure it is of each digit. */
  readonly evaluator?: { readonly file: string };
}

export interface ShippedModel {
  readonly id: string;
  readonly file: string;
  readonly title: string;
  /** What it is, in a sentence. */
  readonly description: string;
  /** What to sample with unless asked otherwise. */
  readonly defaults: Pick<SampleSettings, 'sampler' | 'steps' | 'spacing' | 'omega'>;
}
