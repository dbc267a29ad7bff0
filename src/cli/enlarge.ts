/** One grayscale image [H, W] with every pixel drawn as a square of `scale` x `scale`. */
export function enlarge(
  image: Uint8Array,
  { height, width }: { height: number; width: number },
  scale: number,
): Uint8Array {
  const out = new Uint8Array(height * width * scale * scale);
  const outWidth = width * scale;
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < outWidth; x++) {
      out[y * outWidth + x] = image[Math.floor(y / scale) * width + Math.floor(x / scale)] as number;
    }
  }
  return out;
}
