import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { deleteTraining, loadTraining, saveTraining, type StoredTraining } from '../engine/checkpoint-store.js';
import { EngineFailure, failureOf } from '../engine/failure.js';
import { trainHere, type TrainingInput, type TrainingProgressEvent } from '../engine/training.js';
import { useStudio } from './studio.js';
import { TrainingContext, type Training, type TrainingProgress } from './training.js';
import { aloneInBrowser, changes, isTraining, untilNoneTrains } from './training-lock.js';

/** Keeps the training of this tab, whatever view is shown inside. */
export function TrainingProvider({ children }: { readonly children: ComponentChildren }): VNode {
  return <TrainingContext.Provider value={useBrowserTraining()}>{children}</TrainingContext.Provider>;
}

function useBrowserTraining(): Training {
  const { setup } = useStudio();
  const [state, setState] = useState<Training['state']>('idle');
  const [elsewhere, setElsewhere] = useState(false);
  const [progress, setProgress] = useState<TrainingProgress>();
  const [stored, setStored] = useState<StoredTraining | null>();
  const [failure, setFailure] = useState<EngineFailure>();
  const [ended, setEnded] = useState<Training['ended']>();
  const stop = useRef(new AbortController());
  // This tab trains, or changes what is kept.
  const busy = useRef(false);
  const waiting = useRef(false);

  const lookUp = async (): Promise<void> => {
    setStored((await loadTraining()) ?? null);
    const others = !busy.current && (await isTraining());
    setElsewhere(others);
    if (!others || waiting.current) return;
    waiting.current = true;
    await untilNoneTrains();
    waiting.current = false;
    await lookUp();
  };
  const fail = (error: unknown): void => {
    setFailure(failureOf(error));
  };
  const look = (): void => {
    lookUp().catch(fail);
  };
  useEffect(() => {
    changes.addEventListener('message', look);
    return () => {
      changes.removeEventListener('message', look);
    };
  }, []);

  /** Does something to the kept run that no other tab may do meanwhile, and tells them. */
  const alone = async (work: () => Promise<unknown>): Promise<void> => {
    setFailure(undefined);
    try {
      await aloneInBrowser(async () => {
        busy.current = true;
        changes.postMessage('begun');
        await work();
      });
    } finally {
      busy.current = false;
      changes.postMessage('ended');
    }
  };
  const change = (work: () => Promise<unknown>): void => {
    setProgress(undefined);
    alone(work).catch(fail).then(lookUp).catch(fail);
  };
  const run = (task: Omit<TrainingInput, 'device'>): void => {
    const { signal } = (stop.current = new AbortController());
    const work = async (): Promise<void> => {
      const kept = await loadTraining();
      if (kept?.revision !== task.revision) throw new EngineFailure('changed-elsewhere', '');
      setState('training');
      setEnded(undefined);
      const { title, digits, pictures, losses } = task;
      setProgress({ ...beginning, title, digits, pictures, losses });
      const onProgress = (event: TrainingProgressEvent): void => {
        setProgress((before = beginning) => after(before, event));
      };
      setEnded((await trainHere({ device: setup.device, ...task }, onProgress, signal)) ? 'finished' : 'paused');
    };
    alone(work)
      .catch((error: unknown) => {
        fail(error);
        setEnded('failed');
      })
      .then(lookUp)
      .catch(fail)
      .finally(() => {
        setState('idle');
      });
  };

  return {
    state,
    elsewhere,
    ...(progress === undefined ? {} : { progress }),
    ...(stored === undefined ? {} : { stored }),
    ...(failure === undefined ? {} : { failure }),
    ...(ended === undefined ? {} : { ended }),
    acknowledge: () => {
      setEnded(undefined);
    },
    lookUp: look,
    start: (training) => {
      run({ ...training, losses: [], revision: stored?.revision });
    },
    resume: ({ title, digits, pictures, losses, checkpoint, revision }, config) => {
      run({ title, digits, pictures, preset: 'paper', config, losses, resume: checkpoint, revision });
    },
    pause: () => {
      setState('pausing');
      stop.current.abort();
    },
    adopt: (training) => {
      change(() => saveTraining(training, stored?.revision));
    },
    discard: () => {
      change(() => deleteTraining(stored?.revision));
    },
  };
}

const beginning: TrainingProgress = {
  title: '',
  digits: [],
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
