import { readFileSync } from 'node:fs';

/** What `bench/golden/npz.py` writes: files by NumPy in base64, and the images in them. */
interface GoldenNpz {
  /** [4, 3, 2, 3] */
  readonly planes: readonly number[];
  /** [3, 2, 3] */
  readonly gray: readonly number[];
  readonly medmnist: string;
  readonly stored: string;
  readonly keras: string;
  readonly unlabelled: string;
  readonly float: string;
  readonly several: string;
  readonly volumes: string;
  readonly negative: string;
  readonly fortran: string;
  readonly uneven: string;
  readonly other: string;
}

export const goldenNpz = JSON.parse(readFileSync(new URL('npz.json', import.meta.url), 'utf8')) as GoldenNpz;
