import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, type EngineFailure } from '../engine/failure.js';
import type { TaskName, Tasks } from '../engine/tasks.js';
import { Pacer } from './pacer.js';
import { useStudio } from './studio.js';

export interface TaskState<K extends TaskName> {
  /** What was reported so far and kept. */
  readonly progress: readonly Tasks[K]['progress'][];
  readonly result?: Tasks[K]['result'];
  readonly running: boolean;
  readonly failure?: EngineFailure;
  /** Starts it, or the model that would not load, again. */
  readonly again: () => void;
}

interface Outcome<K extends TaskName> {
  readonly result?: Tasks[K]['result'];
  readonly failure?: EngineFailure;
}

/**
 * Lets the worker do what the settings say, and anew when they change.
 *
 * @param settings undefined as long as there is nothing to do
 * @param keep which reports to keep
 */
export function useTask<K extends TaskName>(
  task: K,
  settings: Tasks[K]['settings'] | undefined,
  keep: (progress: Tasks[K]['progress']) => boolean = () => true,
): TaskState<K> {
  const { engine, setup, info, failure: notLoaded, retry } = useStudio();
  const [progress, setProgress] = useState<readonly Tasks[K]['progress'][]>([]);
  const [settled, setSettled] = useState<Outcome<K> & { readonly key: string }>();
  const [attempt, setAttempt] = useState(0);
  const [pacer] = useState(() => new Pacer());
  const warm = useRef('');
  const key = settings && JSON.stringify([settings, setup.model.id, setup.device, attempt], bytesAsText);

  useEffect(
    () => () => {
      pacer.stop();
    },
    [],
  );

  useEffect(() => {
    if (info === undefined || settings === undefined || key === undefined) {
      pacer.stop();
      return undefined;
    }
    return pacer.change(async (signal) => {
      const kept: Tasks[K]['progress'][] = [];
      const onProgress = (each: Tasks[K]['progress']): void => {
        if (signal.aborted || !keep(each)) return;
        kept.push(each);
        setProgress([...kept]);
      };
      try {
        const result = await engine.run(task, setup, settings, { onProgress, signal });
        if (!signal.aborted) setSettled({ key, result });
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind !== 'cancelled') setSettled({ key, failure });
      }
      // The first one of a model compiles it: how long it takes says nothing of the others.
      const isFirst = warm.current !== setup.model.id;
      warm.current = setup.model.id;
      return !isFirst;
    });
    // `key` holds everything that makes it another computation.
  }, [key, info]);

  // What came of earlier settings says nothing of these.
  const outcome: Outcome<K> | undefined = settled?.key === key ? settled : undefined;
  const failure = notLoaded ?? outcome?.failure;
  // Images of another model, or of other settings, would pass for those that are missing.
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
