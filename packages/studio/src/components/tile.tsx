import { useEffect, useRef } from 'preact/hooks';
import type { VNode } from 'preact';

interface TileProps {
  /** [side, side], 0..255. */
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
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (pixels === undefined) context?.clearRect(0, 0, side, side);
    // While more images are on their way, those of the settings before are still shown.
    if (context && pixels?.length === side * side) context.putImageData(grayImage(pixels, side), 0, 0);
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

/** Gray bytes as the canvas wants them. */
export function grayImage(pixels: Uint8Array, width: number): ImageData {
  const image = new ImageData(width, pixels.length / width);
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] ?? 0;
    image.data.set([value, value, value, 255], 4 * i);
  }
  return image;
}
