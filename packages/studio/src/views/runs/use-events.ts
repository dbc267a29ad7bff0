import { useEffect, useState } from 'preact/hooks';
import type { MetricsUpdate, RunSummary } from '../../../../cli/src/studio/api.js';
import type { MetricsLine, WatchedLine } from 'ts-diffusion/train';

export interface LiveRuns {
  /** Absent until the server has told. */
  readonly runs?: readonly RunSummary[];
  readonly metrics: ReadonlyMap<string, readonly (MetricsLine | WatchedLine)[]>;
  readonly connected: boolean;
}

const RETRY_MS = 1000;
const nothing: LiveRuns = { metrics: new Map(), connected: false };

/** What the server tells of its runs, as it happens, with the metrics of those followed. */
export function useEvents(followed: readonly string[]): LiveRuns {
  const [live, setLive] = useState(nothing);
  const key = followed.join(',');

  useEffect(() => {
    setLive(({ runs }) => (runs === undefined ? nothing : { ...nothing, runs, connected: true }));
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      source = new EventSource(`./api/events?runs=${encodeURIComponent(key)}`);
      source.addEventListener('runs', ({ data }: MessageEvent<string>) => {
        const runs = JSON.parse(data) as RunSummary[];
        setLive((before) => ({ ...before, runs, connected: true }));
      });
      source.addEventListener('metrics', ({ data }: MessageEvent<string>) => {
        setLive((before) => ({ ...before, metrics: withUpdate(before.metrics, JSON.parse(data) as MetricsUpdate) }));
      });
      source.onopen = () => {
        setLive((before) => ({ ...before, connected: true }));
      };
      source.onerror = () => {
        setLive((before) => ({ ...before, connected: false }));
        // It reconnects by itself, with the id of the last event, unless the server refused it.
        if (source?.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(() => {
          setLive(({ runs }) => (runs === undefined ? nothing : { ...nothing, runs }));
          open();
        }, RETRY_MS);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }, [key]);

  return live;
}

function withUpdate(metrics: LiveRuns['metrics'], { run, lines, restarted }: MetricsUpdate): LiveRuns['metrics'] {
  const before = restarted ? [] : (metrics.get(run) ?? []);
  return new Map(metrics).set(run, [...before, ...lines]);
}
