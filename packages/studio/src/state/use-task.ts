import { useEffect, useRef, useState } from 'preact/hooks';
import { failureOf, type EngineFailure } from '../engine/failure.js';
import type { TaskName, Tasks } from '../engine/tasks.js';
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

/** Settings that have changed again within this time are being dragged. What they are on the way is not worth a long computation. */
const SETTLE_MS = 120;
/** A computation of at most this time is quick: it follows settings that are being dragged. */
const QUICK_MS = 100;

/** A computation under way. */
interface Run {
  readonly stop: AbortController;
  readonly end: Promise<void>;
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
  const changed = useRef(-Infinity);
  /** Whether computations follow settings that are being dragged; they do until one turns out to be long. */
  const quick = useRef(true);
  const warm = useRef('');
  const under = useRef<Run | undefined>(undefined);
  const key = settings && JSON.stringify([settings, setup.model.id, setup.device, attempt], bytesAsText);

  useEffect(() => () => under.current?.stop.abort(), []);

  useEffect(() => {
    if (info === undefined || settings === undefined || key === undefined) return undefined;
    const stop = new AbortController();
    let superseded = false;
    const compute = async (): Promise<void> => {
      const kept: Tasks[K]['progress'][] = [];
      const onProgress = (each: Tasks[K]['progress']): void => {
        if (stop.signal.aborted || !keep(each)) return;
        kept.push(each);
        setProgress([...kept]);
      };
      const start = performance.now();
      try {
        const result = await engine.run(task, setup, settings, { onProgress, signal: stop.signal });
        const isFirst = warm.current !== setup.model.id;
        warm.current = setup.model.id;
        // The first one of a model compiles it: how long it takes says nothing of the others.
        quick.current = isFirst || performance.now() - start <= QUICK_MS;
        if (!stop.signal.aborted) setSettled({ key, result });
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind !== 'cancelled') setSettled({ key, failure });
      }
    };
    const begin = async (): Promise<void> => {
      const { current: before } = under;
      if (before !== undefined) {
        if (quick.current) {
          const isLong = delay(QUICK_MS).then(() => true);
          if (await Promise.race([before.end.then(() => false), isLong])) quick.current = false;
        }
        before.stop.abort();
      }
      if (!superseded) under.current = { stop, end: compute() };
    };
    const dragged = performance.now() - changed.current < SETTLE_MS;
    changed.current = performance.now();
    const timer = setTimeout(() => void begin(), dragged && !quick.current ? SETTLE_MS : 0);
    return () => {
      clearTimeout(timer);
      superseded = true;
      // A quick one is shown although the settings have changed meanwhile: more often than this hand moves, nothing would be.
      if (!quick.current) stop.abort();
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

const delay = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

const bytesAsText = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Array.from(value).join() : value;
