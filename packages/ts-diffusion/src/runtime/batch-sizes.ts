/**
 * The batch sizes that a network is compiled for, ascending. A batch between two is padded to the larger one, and what comes of
 * the padding is dropped: fewer graphs are built and compiled, which takes longer than drawing a few images. A batch larger than
 * all of them is run as it is.
 *
 * A device may sum in another order in a batch of another size: the pixels of padded batches can differ from those of batches run
 * as they are in the last bits.
 */
export type BatchSizes = readonly number[];

/**
 * What `ts-diffusion/worker` compiles for unless told otherwise. At most a quarter of what is computed is padding. Batches of 1, 2,
 * 4 and 8 images and of one image of each digit fit exactly, with guidance, which doubles them, and without.
 */
export const COMMON_BATCH_SIZES: BatchSizes = [
  ...[1, 2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128],
  ...[160, 200, 256, 320, 384, 512],
];

/** The size that a batch is run in. */
export function paddedSize(batch: number, sizes: BatchSizes): number {
  return sizes.find((size) => size >= batch) ?? batch;
}
