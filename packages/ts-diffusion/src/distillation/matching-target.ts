/** What an image may differ by on average from the teacher's prediction before the difference says nothing of its scale. */
const SMALLEST_SCALE = 1e-3;

/**
 * The targets whose squared error has the gradient of distribution matching (Yin et al. 2024, equations 7 and 8): the images moved by
 * the difference of the two predictions of x_0, which is that of the two scores up to a factor of the timestep, each image's divided by the
 * mean absolute distance from the teacher's prediction.
 *
 * @param images what the student drew [B, C, H, W]
 * @param fake x_0 as the network predicts it that follows the student's images [B, C, H, W]
 * @param real x_0 as the guided teacher predicts it from the same noisy images [B, C, H, W]
 * @param pixelsPerImage C · H · W
 * @returns [B, C, H, W], in a new array
 */
export function matchingTarget(
  images: Float32Array,
  fake: Float32Array,
  real: Float32Array,
  pixelsPerImage: number,
): Float32Array {
  const target = new Float32Array(images.length);
  for (let begin = 0; begin < images.length; begin += pixelsPerImage) {
    const end = begin + pixelsPerImage;
    let distance = 0;
    for (let i = begin; i < end; i++) distance += Math.abs((images[i] as number) - (real[i] as number));
    const scale = Math.max(SMALLEST_SCALE, distance / pixelsPerImage);
    for (let i = begin; i < end; i++) {
      target[i] = (images[i] as number) - ((fake[i] as number) - (real[i] as number)) / scale;
    }
  }
  return target;
}
