import { useLayoutEffect, useRef } from 'preact/hooks';
import type { VNode } from 'preact';
import { toRgba } from 'ts-diffusion/images';

interface TileProps {
  /** [channels, side, side], 0..255. */
  readonly pixels: Uint8Array | undefined;
  readonly side: number;
  readonly label: string;
  /** Probability of the class asked for in the predicted image, 0..1. */
  readonly confidence?: number | undefined;
  readonly selected?: boolean;
  readonly onSelect?: (() => void) | undefined;
}

/** One small image, large. */
export function Tile({ pixels, side, label, confidence, selected, onSelect }: TileProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Together with the texts beside it, not a frame later.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (pixels === undefined) context?.clearRect(0, 0, side, side);
    // While more images are on their way, those of the settings before are still shown.
    if (context && isWhole(pixels, side)) context.putImageData(canvasImage(pixels, side), 0, 0);
  }, [pixels, side]);
  const image = (
    <canvas
      ref={canvas}
      class={pixels === undefined ? 'empty' : ''}
      width={side}
      height={side}
      role="img"
      aria-label={label}
    />
  );
  const bar = confidence === undefined ? null : <ConfidenceBar value={confidence} />;
  if (onSelect === undefined) {
    return (
      <div class="tile">
        {image}
        {bar}
      </div>
    );
  }
  return (
    <button type="button" class="tile" aria-pressed={selected} onClick={onSelect}>
      {image}
      {bar}
    </button>
  );
}

function ConfidenceBar({ value }: { readonly value: number }): VNode {
  const percent = Math.round(100 * value);
  return (
    <span class={`confidence ${value < 0.5 ? 'low' : ''}`} title={`Predicted image recognized as asked: ${percent} %`}>
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}

function isWhole(pixels: Uint8Array | undefined, side: number): pixels is Uint8Array {
  const channels = (pixels?.length ?? 0) / side ** 2;
  return Number.isInteger(channels) && channels >= 1 && channels <= 4;
}

/** An image [channels, height, width] as the canvas wants it. */
export function canvasImage(pixels: Uint8Array, width: number, height = width): ImageData {
  return new ImageData(toRgba(pixels, width * height), width);
}
