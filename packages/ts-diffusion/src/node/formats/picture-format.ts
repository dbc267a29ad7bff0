/** A format of picture files. */
export type PictureFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF';

/** What the files begin with. */
const signatures: readonly {
  readonly format: PictureFormat;
  readonly at: number;
  readonly bytes: readonly number[];
}[] = [
  { format: 'PNG', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { format: 'JPEG', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { format: 'WebP', at: 8, bytes: [0x57, 0x45, 0x42, 0x50] }, // RIFF....WEBP
  { format: 'GIF', at: 0, bytes: [0x47, 0x49, 0x46, 0x38] }, // GIF87a, GIF89a
];

/** The format that a file's first bytes say, whatever it is called; undefined: none of these. */
export function pictureFormat(file: Uint8Array): PictureFormat | undefined {
  return signatures.find(({ at, bytes }) => bytes.every((byte, i) => file[at + i] === byte))?.format;
}
