/**
 * Puts blocks of pictures beside one another: each block is [rows, its pictures per row, C, H, W], and a row of the result has the
 * row's pictures of every block in order.
 */
export function besideOneAnother(blocks: readonly Uint8Array[], rows: number): Uint8Array {
  const out = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const block of blocks) {
      const length = block.length / rows;
      out.set(block.subarray(row * length, (row + 1) * length), at);
      at += length;
    }
  }
  return out;
}
