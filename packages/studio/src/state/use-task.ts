import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, type EngineFailure } from '../engine/failure.js';
import type { Setup, Tasks } from '../engine/protocol.js';
import { useStudio } from './studio.js';

/** The tasks that draw with the model that is open. */
type DrawingTask = { [K in keyof Tasks]: Tasks[K]['input'] extends Setup ? K : never }[keyof Tasks];
type Settings<K extends DrawingTask> = Omit<Tasks[K]['input'], keyof Setup>;

export interface TaskState<K extends DrawingTask> {
  /** What was reported so far and kept. */
  readonly progress: readonly Tasks[K]['progress'][];
  readonly result?: Tasks[K]['result'];
  readonly running: boolean;
  readonly failure?: EngineFailure;
  /** Starts it, or the model that would not load, again. */
  readonly again: () => void;
}

interface Outcome<K extends DrawingTask> {
  readonly result?: Tasks[K]['result'];
  readonly failure?: EngineFailure;
}

/** Settings still being dragged are not worth a computation. */
const SETTLE_MS = 120;

/**
 * Lets the worker do what the settings say, and anew when they change.
 *
 * @param settings undefined as long as there is nothing to do
 * @param keep which reports to keep
 */
export function useTask<K extends DrawingTask>(
  task: K,
  settings: Settings<K> | undefined,
  keep: (progress: Tasks[K]['progress']) => boolean = () => true,
): TaskState<K> {
  const { client, setup, info, failure: notLoaded, retry } = useStudio();
  const [progress, setProgress] = useState<readonly Tasks[K]['progress'][]>([]);
  const [settled, setSettled] = useState<Outcome<K> & { readonly key: string }>();
  const [attempt, setAttempt] = useState(0);
  const begun = useRef(false);
  const key = settings && JSON.stringify([settings, setup.model.id, setup.device, attempt], bytesAsText);

  useEffect(() => {
    if (info === undefined || settings === undefined || key === undefined) return undefined;
    const stop = new AbortController();
    const begin = (): void => {
      const kept: Tasks[K]['progress'][] = [];
      const onProgress = (each: Tasks[K]['progress']): void => {
        if (stop.signal.aborted || !keep(each)) return;
        kept.push(each);
        setProgress([...kept]);
      };
      client.run(task, { ...setup, ...settings }, { onProgress, signal: stop.signal }).then(
        (result) => {
          if (!stop.signal.aborted) setSettled({ key, result });
        },
        (error: unknown) => {
          const failure = failureOf(error);
          if (failure.kind !== 'cancelled') setSettled({ key, failure });
        },
      );
    };
    const timer = setTimeout(begin, begun.current ? SETTLE_MS : 0);
    begun.current = true;
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
    // `key` holds everything that makes it another computation.
  }, [key, info]);

  // What came of earlier settings says nothing of these.
  const outcome: Outcome<K> | undefined = settled?.key === key ? settled : undefined;
  const failure = notLoaded ?? outcome?.failure;
  // Images of another model, or of other settings, would pass for those that cannot be had.
  const hidden = notLoaded !== undefined || failure?.kind === 'refused';
  return {
    progress: hidden ? [] : progress,
    ...(outcome?.result === undefined ? {} : { result: outcome.result }),
    running: settings !== undefined && outcome === undefined && failure === undefined,
    ...(failure === undefined ? {} : { failure }),
    again: () => {
      if (notLoaded === undefined) setAttempt(attempt + 1);
      else retry();
    },
  };
}

const bytesAsText = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Array.from(value).join() : value;
