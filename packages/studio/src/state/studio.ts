import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ManifestEntry } from 'ts-diffusion';
import type { LoadProgress } from 'ts-diffusion/worker';
import type { Prediction } from '../components/equations.js';
import type { Engine } from '../engine/engine.js';
import type { EngineFailure } from '../engine/failure.js';
import type { EngineInfo, Setup } from '../engine/tasks.js';

/** What every view that computes works with. */
export interface Studio {
  readonly engine: Engine;
  /** Every model there is to choose: those shipped and those opened from files. */
  readonly models: readonly ManifestEntry[];
  readonly model: ManifestEntry;
  /** What the model's network predicts: the noise, until the model is loaded. */
  readonly prediction: Prediction;
  readonly setup: Setup;
  /** Once the model is loaded. */
  readonly info?: EngineInfo;
  readonly failure?: EngineFailure;
  /** Tries to load the model again. */
  readonly retry: () => void;
  /** While model and runtime are downloaded. */
  readonly download?: LoadProgress;
  /**
   * Opens a model of the visitor's, a checkpoint or an exported file.
   *
   * @returns what the address calls it
   * @throws CheckpointError for a file that is none: the model that is open stays
   */
  readonly openModel: (title: string, bytes: Uint8Array) => Promise<string>;
}

export const StudioContext = createContext<Studio | undefined>(undefined);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (studio === undefined) throw new Error('this part of the page needs a model around it');
  return studio;
}
