import type { VNode } from 'preact';
import type { Frame } from '../../engine/tasks.js';
import type { Playhead } from './use-playhead.js';

interface TimelineProps {
  readonly frames: readonly Frame[];
  readonly playhead: Playhead;
  /** Steps in all, of which some may be yet to come. */
  readonly steps: number;
}

/** Plays the way from noise to image, and lets one drag along it. */
export function Timeline({ frames, playhead, steps }: TimelineProps): VNode {
  const frame = frames[playhead.position];
  const text = frame === undefined ? 'x at T' : `t = ${frame.timestep}, step ${frame.step} of ${frame.steps}`;
  return (
    <div class="timeline">
      <button type="button" class="button" onClick={playhead.toggle} disabled={frames.length < 2}>
        <span aria-hidden="true">{playhead.playing ? '❚❚' : '▶'}</span>
        {playhead.playing ? 'Pause' : 'Play'}
      </button>
      <input
        type="range"
        aria-label="Time"
        aria-valuetext={text}
        min={0}
        max={Math.max(steps, frames.length - 1)}
        value={playhead.position}
        onInput={(event) => {
          playhead.seek(Math.min(Number(event.currentTarget.value), frames.length - 1));
        }}
      />
      <span class="reading">{text}</span>
    </div>
  );
}
