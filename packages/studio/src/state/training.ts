import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Dataset } from 'ts-diffusion/data';
import type { TrainConfig } from 'ts-diffusion/train';
import type { StoredTraining } from '../engine/checkpoint-store.js';
import type { EngineFailure } from '../engine/failure.js';
import type { TrainingInput } from '../engine/training.js';

export interface TrainingProgress {
  readonly title: string;
  readonly digits: readonly number[];
  /** What is trained on, unless it is the digits of the package. */
  readonly pictures?: Dataset | undefined;
  readonly step: number;
  readonly steps: number;
  readonly parameters: number;
  readonly images: number;
  readonly threads: number;
  readonly milliseconds?: number;
  readonly savedStep: number;
  readonly losses: readonly (readonly [step: number, loss: number])[];
  /** One of each of `digits`, as of `samplesStep`. */
  readonly samples?: Uint8Array;
  readonly samplesStep?: number;
}

/** The training in this browser. It goes on whatever view is shown. */
export interface Training {
  readonly state: 'idle' | 'training' | 'pausing';
  /** Whether another tab trains. */
  readonly elsewhere: boolean;
  readonly progress?: TrainingProgress;
  /** What this browser keeps; null: nothing. Absent until it was looked up. */
  readonly stored?: StoredTraining | null;
  readonly failure?: EngineFailure;
  /** How the last training ended, until `acknowledge` is called. */
  readonly ended?: 'finished' | 'paused' | 'failed';
  readonly acknowledge: () => void;
  /** Looks up what is kept. */
  readonly lookUp: () => void;
  /** Trains in place of the run that is kept. */
  readonly start: (training: Pick<TrainingInput, 'title' | 'digits' | 'pictures' | 'preset' | 'config'>) => void;
  readonly resume: (stored: StoredTraining, config: Partial<TrainConfig>) => void;
  readonly pause: () => void;
  /** Keeps a checkpoint of elsewhere in place of the run that is kept, to go on from. */
  readonly adopt: (training: StoredTraining) => void;
  readonly discard: () => void;
}

export const TrainingContext = createContext<Training | undefined>(undefined);

export function useTraining(): Training {
  const training = useContext(TrainingContext);
  if (training === undefined) throw new Error('this part of the page needs a training around it');
  return training;
}
