import { useEffect, useState } from 'preact/hooks';

export interface Playhead {
  /** Index of the frame shown. */
  readonly position: number;
  readonly playing: boolean;
  readonly seek: (position: number) => void;
  readonly toggle: () => void;
}

/** How long a film takes to play. */
const PLAY_MS = 2400;

/**
 * Where in a film one is: at its newest frame, until it is played or scrubbed.
 *
 * @param length frames so far
 * @param growing whether more are on their way
 */
export function usePlayhead(length: number, growing: boolean): Playhead {
  const [held, setHeld] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const last = Math.max(0, length - 1);

  useEffect(() => {
    if (growing) {
      setHeld(undefined);
      setPlaying(false);
    }
  }, [growing]);

  useEffect(() => {
    if (!playing) return undefined;
    const from = held === undefined || held >= last ? 0 : held;
    const begin = performance.now();
    const duration = (PLAY_MS * (last - from)) / Math.max(1, last);
    let request = requestAnimationFrame(function draw(now) {
      const position = Math.min(last, Math.round(from + ((now - begin) / Math.max(1, duration)) * (last - from)));
      setHeld(position);
      if (position >= last) setPlaying(false);
      else request = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(request);
    };
    // It plays on from where it was when it was started.
  }, [playing, last]);

  return {
    position: Math.min(held ?? last, last),
    playing,
    seek: (position) => {
      setPlaying(false);
      setHeld(position);
    },
    toggle: () => {
      setPlaying(!playing);
    },
  };
}
