import { readFileSync } from 'node:fs';

/** A file in base64 and its pixels in hexadecimal. */
export interface GoldenPicture {
  readonly file: string;
  /** RGB and alpha. */
  readonly rgba: string;
}

/** test/golden/images.json, written by bench/golden/images.py: picture files and what Pillow makes of them. */
export const goldenImages = JSON.parse(readFileSync(new URL('images.json', import.meta.url), 'utf8')) as {
  readonly width: number;
  readonly height: number;
  readonly cases: Readonly<Record<string, GoldenPicture>>;
  readonly others: Readonly<Record<string, GoldenPicture>>;
  /** On black. */
  readonly composited: Readonly<Record<string, { file: string; rgb: string; gray: string }>>;
};
