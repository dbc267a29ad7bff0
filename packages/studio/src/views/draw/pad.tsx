import type { VNode } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { canvasImage } from '../../components/tile.js';
import { sideOf, stroke } from './ink.js';

interface PadProps {
  readonly ink: Uint8Array;
  /** How it is shown, [channels, side, side]. */
  readonly shown: Uint8Array;
  readonly erasing: boolean;
  readonly onInk: (ink: Uint8Array) => void;
  /** A stroke, or a key's worth of one, is finished. */
  readonly onDone: (ink: Uint8Array) => void;
}

type Point = readonly [x: number, y: number];

/** What is drawn on, with a pointer or with the keyboard. */
export function Pad({ ink, shown, erasing, onInk, onDone }: PadProps): VNode {
  const side = sideOf(ink);
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | undefined>(undefined);
  const pen = useRef<Point>([side / 2 + 0.5, side / 2 + 0.5]);
  // Where it is, while it is moved with the keyboard.
  const [shownPen, setShownPen] = useState<Point>();
  const help = useId();
  // A pointer moves faster than the page is drawn anew.
  const newest = useRef(ink);
  newest.current = ink;

  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(canvasImage(shown, side), 0, 0);
  }, [shown, side]);

  const draw = (from: Point, to: Point): void => {
    newest.current = stroke(newest.current, from, to, erasing ? 0 : 255);
    onInk(newest.current);
  };
  const end = (): void => {
    if (last.current !== undefined) onDone(newest.current);
    last.current = undefined;
  };
  const pointOf = (event: PointerEvent): Point => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * side, ((event.clientY - box.top) / box.height) * side];
  };

  return (
    <>
      <div class="pad-frame">
        <canvas
          ref={canvas}
          class="pad"
          width={side}
          height={side}
          tabIndex={0}
          role="application"
          aria-label="Drawing pad"
          aria-describedby={help}
          onFocus={(event) => {
            if (event.currentTarget.matches(':focus-visible')) setShownPen(pen.current);
          }}
          onBlur={() => {
            setShownPen(undefined);
          }}
          onPointerDown={(event) => {
            // Only the main button, or a finger or pen that touches.
            if (event.button !== 0 || !event.isPrimary) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            setShownPen(undefined);
            last.current = pointOf(event);
            draw(last.current, last.current);
          }}
          onPointerMove={(event) => {
            if (last.current === undefined || !event.isPrimary) return;
            const point = pointOf(event);
            draw(last.current, point);
            last.current = point;
          }}
          onPointerUp={end}
          // What was drawn until then stays; nothing more is drawn.
          onPointerCancel={end}
          onLostPointerCapture={end}
          onKeyDown={(event) => {
            const step = moves[event.key];
            if (event.key !== ' ' && step === undefined) return;
            event.preventDefault();
            const from = pen.current;
            pen.current = [inside(from[0] + (step?.[0] ?? 0), side), inside(from[1] + (step?.[1] ?? 0), side)];
            setShownPen(pen.current);
            if (event.key === ' ' || event.shiftKey) {
              draw(from, pen.current);
              onDone(newest.current);
            }
          }}
        />
        {shownPen && (
          <span
            class="pen"
            style={{ left: percent(shownPen[0], side), top: percent(shownPen[1], side) }}
            aria-hidden="true"
          />
        )}
      </div>
      <p class="status keyboard" id={help}>
        Keyboard: the arrow keys move the pen, the space bar draws a dot, Shift with an arrow key draws a line, Ctrl-Z
        takes back the last change.
      </p>
      <p class="visually-hidden" aria-live="polite">
        {shownPen && `Pen at column ${Math.ceil(shownPen[0])}, row ${Math.ceil(shownPen[1])} of ${side}`}
      </p>
    </>
  );
}

const inside = (position: number, side: number): number => Math.min(side - 0.5, Math.max(0.5, position));
const percent = (position: number, side: number): string => `${(100 * position) / side}%`;

const moves: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
