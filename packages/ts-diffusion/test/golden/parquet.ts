import { readFileSync } from 'node:fs';

/** What `bench/golden/parquet.py` writes: Parquet files by datasets and PyArrow, in base64, and the images in them. */
interface GoldenParquet {
  /** [7, 8, 8, 3], uint8 in base64. */
  readonly pixels: string;
  readonly train0: string;
  readonly train1: string;
  readonly test: string;
  readonly twoLabels: string;
  readonly unlabelled: string;
  readonly plain: string;
  readonly names: string;
  readonly bytesAlone: string;
  readonly compressed: Readonly<Record<string, string>>;
  readonly version2: string;
  readonly missingImage: string;
  readonly missingLabel: string;
  readonly noClass: string;
  readonly broken: string;
  readonly noImages: string;
  readonly metadata: string;
  readonly empty: string;
}

export const goldenParquet = JSON.parse(
  readFileSync(new URL('parquet.json', import.meta.url), 'utf8'),
) as GoldenParquet;
