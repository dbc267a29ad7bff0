/** A run of consecutive images: `count` images from `first`. */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/**
 * Splits `count` images into the fewest batches of at most `largest` images. The batches are as equal as possible, so
 * that they need one or two compiled graphs and none is nearly empty.
 */
export function splitEvenly(count: number, largest: number): Span[] {
  const batches = Math.ceil(count / largest);
  const spans: Span[] = [];
  for (let first = 0, index = 0; index < batches; index++) {
    const size = Math.ceil((count - first) / (batches - index));
    spans.push({ first, count: size });
    first += size;
  }
  return spans;
}

/** The images of a batch, out of [N, C, H, W]. @param pixels per image, C · H · W */
export function imagesOf(images: Uint8Array, { first, count }: Span, pixels: number): Uint8Array {
  return images.subarray(first * pixels, (first + count) * pixels);
}
