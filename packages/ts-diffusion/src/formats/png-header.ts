/** What every PNG ends with: an empty chunk IEND and its checksum. */
const END = Uint8Array.of(0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82);

/** Channels by PNG's colour types: gray, RGB, palette, gray and alpha, RGB and alpha. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/** Whether a PNG file was written to its end. */
export function isWholePng(file: Uint8Array): boolean {
  const end = file.subarray(-END.length);
  return end.length === END.length && end.every((byte, i) => byte === END[i]);
}

/** Size and channels, from the header of a whole PNG file. */
export function pngSize(file: Uint8Array): {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
} {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20), channels: channelsOf[view.getUint8(25)] ?? 3 };
}
