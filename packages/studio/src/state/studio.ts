import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ManifestEntry, ModelManifest } from 'ts-diffusion';
import type { Engine } from '../engine/engine.js';
import type { EngineFailure } from '../engine/failure.js';
import type { EngineInfo, Setup } from '../engine/tasks.js';

/** What every view that computes works with. */
export interface Studio {
  readonly engine: Engine;
  readonly manifest: ModelManifest;
  readonly model: ManifestEntry;
  readonly setup: Setup;
  /** Once the model is loaded. */
  readonly info?: EngineInfo;
  readonly failure?: EngineFailure;
  /** Tries to load the model again. */
  readonly retry: () => void;
  /** Takes a model of the visitor's, a checkpoint or an exported file. @returns what the address calls it */
  readonly takeModel: (name: string, bytes: Uint8Array) => string;
}

export const StudioContext = createContext<Studio | undefined>(undefined);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (studio === undefined) throw new Error('this part of the page needs a model around it');
  return studio;
}

/** The address of a file served with the page. */
export const pageUrl = (path: string): string => new URL(path, document.baseURI.replace(/#.*$/, '')).href;
