import type { BodyProgress } from '../utils/read-body.js';

/**
 * Where a model is: the name of one that comes with the package (`modern`, `quick`, `paper`, `colour`, `student`), a path (Node: a checkpoint file, an
 * exported model or a run folder), an address (`https:`, `http:`, `file:` in Node; relative ones are the page's in a browser), or
 * the bytes of a checkpoint or an exported model.
 */
export type ModelSource = string | URL | Uint8Array;

/** Bytes of a model that have arrived. `total` is at least `loaded`, and equal to it where the server does not tell. */
export interface LoadProgress {
  readonly loaded: number;
  readonly total: number;
}

/** The listener of a download that tells how much of a model has arrived. */
export function modelProgress(
  onProgress: ((progress: LoadProgress) => void) | undefined,
): ((progress: BodyProgress) => void) | undefined {
  return (
    onProgress &&
    (({ loaded, announced = 0 }) => {
      onProgress({ loaded, total: Math.max(loaded, announced) });
    })
  );
}

/** How a model is read. */
export interface ReadModelOptions {
  /** The averaged weights (default), or with `false` those of the last training step, which exported models lack. */
  readonly ema?: boolean | undefined;
  /** Told how much of the model has arrived. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Stops the download; `load` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Keeps downloads, default true: Node in the folder of `DIFFUSION_CACHE_DIR` (default `~/.cache/ts-diffusion`), a browser in its
   * Cache API where it has one. The server is asked each time whether the file has changed, by its ETag or its date; where the
   * server cannot be reached, what is kept is used.
   */
  readonly cache?: boolean | undefined;
  /** Browser: the folder where the models that have names are served, with `manifest.json`; default: in the package itself. */
  readonly modelsUrl?: string | URL | undefined;
  /** Node: told when a run's newest checkpoint is damaged and the one before it is used. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

/** Whether a source may be the name of a model of the package: paths and addresses have a slash or a dot in them. */
export function maybeName(source: ModelSource): source is string {
  return typeof source === 'string' && !/[/\\.]/.test(source);
}
