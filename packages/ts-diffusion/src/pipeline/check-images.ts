import { NULL_LABEL } from '../diffusion/denoiser.js';
import { ConfigError } from '../utils/errors.js';
import { knowsNoClass, pixelsOf, type DrawableModel, type ImageKind } from './drawable-model.js';

/**
 * The labels as an array of their own.
 *
 * @throws ConfigError for one that is neither `NULL_LABEL` nor a class of the model, and for a class that never occurred in training
 */
export function checkLabels(
  labels: ArrayLike<number>,
  { model, seenClasses }: Pick<DrawableModel, 'model' | 'seenClasses'>,
): Int32Array {
  const { classes } = model;
  const hasNoClass = knowsNoClass(model);
  for (const label of new Set(Array.from(labels))) {
    if (label === NULL_LABEL && hasNoClass) continue;
    const isClass = Number.isInteger(label) && label >= 0 && label < classes;
    if (isClass && (seenClasses === undefined || seenClasses.includes(label))) continue;
    const expected = isClass
      ? `one of ${seenClasses?.join(', ') ?? ''}, the classes that occurred in this model's training`
      : `0..${classes - 1}, the classes of this model`;
    const otherwise = hasNoClass
      ? `, or ${NULL_LABEL} for no class.`
      : '; it was imported without a class that stands for none (--null-class).';
    throw new ConfigError(`label is ${label}; expected ${expected}${otherwise}`);
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
    `${count} images of ${size}x${size}${inChannels}, the size of this model, need ${expected} pixels, got ${images.length}.`,
  );
}
