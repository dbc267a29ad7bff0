/** Addresses of the embedded digits (data/README.md), as in `models.ts`. */
export const shippedDigitFiles = {
  images: new URL('../../data/digits-images-idx3-ubyte.gz', import.meta.url),
  labels: new URL('../../data/digits-labels-idx1-ubyte.gz', import.meta.url),
} as const;
