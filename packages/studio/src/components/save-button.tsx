import type { VNode } from 'preact';
import { savePng } from './save-png.js';

export interface SaveButtonProps {
  /** [N, channels, side, side], 0..255; undefined as long as there are none. */
  readonly images: Uint8Array | undefined;
  readonly side: number;
  /** Default 1: gray. */
  readonly channels?: number;
  /** Images in a row of the picture. */
  readonly columns: number;
  readonly name: string;
}

/** Takes the images that are shown away as one picture. */
export function SaveButton({ images, side, channels = 1, columns, name }: SaveButtonProps): VNode {
  return (
    <button
      type="button"
      class="button primary"
      disabled={images === undefined}
      onClick={() => {
        if (images) savePng(images, { side, channels }, columns, name);
      }}
    >
      Save as PNG
    </button>
  );
}
