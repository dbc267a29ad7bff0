import { NULL_LABEL } from '../diffusion/denoiser.js';
import { ConfigError } from '../utils/errors.js';
import { pixelsOf, type ImageKind } from './drawable-model.js';

/** The labels as an array of their own. @throws ConfigError for one that is none of the model's classes nor `NULL_LABEL` */
export function checkLabels(labels: ArrayLike<number>, { classes }: ImageKind): Int32Array {
  for (const label of Array.from(labels)) {
    const known = Number.isInteger(label) && label >= 0 && label < classes;
    if (known || label === NULL_LABEL) continue;
    throw new ConfigError(
      `label is ${label}; expected 0..${classes - 1}, the classes of this model, or ${NULL_LABEL} for no class.`,
    );
  }
  return Int32Array.from(labels);
}

/** @throws ConfigError unless there are `count` images of the model's size and channels */
export function checkImages(images: Uint8Array, count: number, kind: ImageKind): void {
  const { imageSize: size, imageChannels: channels } = kind;
  const expected = count * pixelsOf(kind);
  if (images.length === expected) return;
  const inChannels = channels === 1 ? '' : ` in ${channels} channels`;
  throw new ConfigError(
    `${count} images of ${size}x${size}${inChannels}, the size of this model, have ${expected} pixels; got ${images.length}.`,
  );
}
