import { useEffect, useRef, useState } from 'preact/hooks';
import { setParameters, wholeNumberIn, type Address } from '../../state/address.js';

export interface Playhead {
  /** Index of the frame shown. */
  readonly position: number;
  readonly playing: boolean;
  readonly seek: (position: number) => void;
  readonly toggle: () => void;
}

/** How long a film takes to play. */
const PLAY_MS = 2400;

const hold = (position: number | undefined): void => {
  setParameters({ at: position?.toString() });
};

/**
 * Where in a film one is: at its newest frame, until it is played or scrubbed; the address says where it was stopped.
 *
 * @param length frames so far
 * @param growing whether more are on their way
 */
export function usePlayhead(address: Address, length: number, growing: boolean): Playhead {
  const held = wholeNumberIn(address, 'at');
  const heldBefore = useRef<number | undefined>(undefined);
  const [film, setFilm] = useState(0);
  const [playing, setPlaying] = useState(false);
  const last = Math.max(0, length - 1);
  const position = Math.min(playing ? film : (held ?? last), last);

  useEffect(() => {
    if (growing) {
      setPlaying(false);
      // Where the film before was stopped says nothing of this one, unless the address of this one says so too.
      if (held !== undefined && held === heldBefore.current) hold(undefined);
    }
    heldBefore.current = held;
  }, [growing, held]);

  useEffect(() => {
    if (!playing) return undefined;
    const interval = PLAY_MS / Math.max(1, last);
    let shown = film;
    let due = performance.now() + interval;
    let request = requestAnimationFrame(function draw(now) {
      if (now >= due) {
        // A busy machine plays the film slower, and does not skip.
        due = Math.max(due, now - interval / 2) + interval;
        shown = Math.min(last, shown + 1);
        setFilm(shown);
      }
      if (shown >= last) setPlaying(false);
      else request = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(request);
    };
    // It plays on from where it was when it was started.
  }, [playing, last]);

  return {
    position,
    playing,
    seek: (to) => {
      setPlaying(false);
      hold(to);
    },
    toggle: () => {
      setPlaying(!playing);
      if (playing) {
        hold(position);
      } else {
        setFilm(position >= last ? 0 : position);
        hold(undefined);
      }
    },
  };
}
