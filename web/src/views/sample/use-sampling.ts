import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, type EngineFailure } from '../../engine/failure.js';
import type { Frame } from '../../engine/protocol.js';
import { useStudio } from '../../state/studio.js';
import type { PageSettings } from './settings.js';

export interface Sampling {
  /** Every moment so far, or, where they would fill the memory, every so manieth. */
  readonly frames: readonly Frame[];
  readonly running: boolean;
  readonly milliseconds?: number;
  readonly failure?: EngineFailure;
  readonly again: () => void;
}

/** Settings still being dragged are not worth a computation. */
const SETTLE_MS = 120;
const LARGEST_FILM_BYTES = 48 * 2 ** 20;

/** Draws what the settings say, and anew when they change. */
export function useSampling(settings: PageSettings): Sampling {
  const { client, setup, info, failure: notLoaded } = useStudio();
  const [frames, setFrames] = useState<readonly Frame[]>([]);
  const [outcome, setOutcome] = useState<{ milliseconds?: number; failure?: EngineFailure }>();
  const [attempt, setAttempt] = useState(0);
  const waited = useRef(false);
  const { labels, omega, seed, sampler } = settings;
  const steps = Math.min(settings.steps, info?.timesteps ?? settings.steps);
  const key = JSON.stringify([labels, omega, seed, sampler, steps, setup.model.id, setup.device, attempt]);

  useEffect(() => {
    if (info === undefined) return undefined;
    const stop = new AbortController();
    const begin = (): void => {
      const film: Frame[] = [];
      const stride = Math.ceil((2 * labels.length * info.imageSize ** 2 * steps) / LARGEST_FILM_BYTES);
      const onProgress = (frame: Frame): void => {
        if (stop.signal.aborted || (frame.step % stride !== 0 && frame.step !== frame.steps)) return;
        film.push(frame);
        setFrames([...film]);
      };
      setOutcome(undefined);
      client
        .run('sample', { ...setup, labels, omega, seed, sampler, steps }, { onProgress, signal: stop.signal })
        .then(setOutcome, (error: unknown) => {
          const failure = failureOf(error);
          if (failure.kind !== 'cancelled') setOutcome({ failure });
        });
    };
    const timer = setTimeout(begin, waited.current ? SETTLE_MS : 0);
    waited.current = true;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
    // `key` holds everything that makes it another computation.
  }, [key, info]);

  const failure = notLoaded ?? outcome?.failure;
  return {
    frames,
    running: outcome === undefined && failure === undefined,
    ...(outcome?.milliseconds === undefined ? {} : { milliseconds: outcome.milliseconds }),
    ...(failure === undefined ? {} : { failure }),
    again: () => {
      setAttempt(attempt + 1);
    },
  };
}
