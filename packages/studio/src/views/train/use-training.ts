import { useEffect, useRef, useState } from 'preact/hooks';
import type { TrainConfig } from 'ts-diffusion/train';
import { describeCheckpoint } from '../../engine/describe-checkpoint.js';
import { deleteTraining, loadTraining, saveTraining, type StoredTraining } from '../../engine/checkpoint-store.js';
import { failureOf, type EngineFailure } from '../../engine/failure.js';
import { trainHere, type TrainingInput, type TrainingProgressEvent } from '../../engine/training.js';
import { useStudio } from '../../state/studio.js';

export interface TrainingProgress {
  readonly title: string;
  readonly step: number;
  readonly steps: number;
  readonly parameters: number;
  readonly images: number;
  readonly threads: number;
  readonly milliseconds?: number;
  readonly savedStep: number;
  readonly losses: readonly (readonly [step: number, loss: number])[];
  /** One of each digit, as of `samplesStep`. */
  readonly samples?: Uint8Array;
  readonly samplesStep?: number;
}

export interface Training {
  readonly state: 'idle' | 'training' | 'pausing';
  readonly progress?: TrainingProgress;
  /** What this browser keeps; null: nothing. Absent until it was looked up. */
  readonly stored?: StoredTraining | null;
  readonly failure?: EngineFailure;
  readonly start: (title: string, digits: readonly number[], preset: string, config: Partial<TrainConfig>) => void;
  readonly resume: (stored: StoredTraining, config: Partial<TrainConfig>) => void;
  readonly pause: () => void;
  /** Keeps a checkpoint of elsewhere, to go on from. @throws CheckpointError for a file that is none */
  readonly adopt: (name: string, file: Uint8Array) => Promise<void>;
  readonly discard: () => void;
}

const ALL_DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The training in this browser. */
export function useTraining(): Training {
  const { setup } = useStudio();
  const [state, setState] = useState<Training['state']>('idle');
  const [progress, setProgress] = useState<TrainingProgress>();
  const [stored, setStored] = useState<StoredTraining | null>();
  const [failure, setFailure] = useState<EngineFailure>();
  const stop = useRef(new AbortController());

  const lookUp = async (): Promise<void> => {
    setStored((await loadTraining()) ?? null);
  };
  const fail = (error: unknown): void => {
    setFailure(failureOf(error));
  };
  useEffect(() => {
    lookUp().catch(fail);
    return () => {
      stop.current.abort();
    };
  }, []);

  const run = (task: Omit<TrainingInput, 'device'>): void => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setFailure(undefined);
    setState('training');
    setProgress({ ...beginning, title: task.title, losses: task.losses });
    const onProgress = (event: TrainingProgressEvent): void => {
      setProgress((before = beginning) => after(before, event));
    };
    trainHere({ device: setup.device, ...task }, onProgress, signal)
      .catch(fail)
      .then(lookUp)
      .catch(fail)
      .finally(() => {
        setState('idle');
      });
  };

  return {
    state,
    ...(progress === undefined ? {} : { progress }),
    ...(stored === undefined ? {} : { stored }),
    ...(failure === undefined ? {} : { failure }),
    start: (title, digits, preset, config) => {
      run({ title, digits, preset, config, losses: [] });
    },
    resume: ({ title, digits, losses, checkpoint }, config) => {
      run({ title, digits, preset: 'paper', config, losses, resume: checkpoint });
    },
    pause: () => {
      setState('pausing');
      stop.current.abort();
    },
    adopt: async (name, file) => {
      setProgress(undefined);
      setFailure(undefined);
      await saveTraining({
        ...describeCheckpoint(file, name),
        title: name,
        digits: ALL_DIGITS,
        losses: [],
        checkpoint: file,
      });
      await lookUp();
    },
    discard: () => {
      setProgress(undefined);
      deleteTraining().then(lookUp).catch(fail);
    },
  };
}

const beginning: TrainingProgress = {
  title: '',
  step: 0,
  steps: 0,
  parameters: 0,
  images: 0,
  threads: 0,
  savedStep: 0,
  losses: [],
};

/** The weight of the past in the step time that is shown. */
const SMOOTHING = 0.8;

function after(before: TrainingProgress, event: TrainingProgressEvent): TrainingProgress {
  switch (event.type) {
    case 'started': {
      const { step, steps, parameters, images, threads } = event;
      return { ...before, step, steps, parameters, images, threads, savedStep: step };
    }
    case 'step': {
      const { step, loss, milliseconds } = event;
      const past = before.milliseconds ?? milliseconds;
      const losses = [...before.losses, [step, loss] as const];
      return { ...before, step, losses, milliseconds: SMOOTHING * past + (1 - SMOOTHING) * milliseconds };
    }
    case 'saved':
      return { ...before, savedStep: event.step };
    case 'samples':
      return { ...before, samples: event.images, samplesStep: event.step };
  }
}
