/** 8-bit images of one size. */
export interface ImageSet {
  /** [count, height, width, channels], 0..255. */
  readonly images: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (gray, the default) or 3 (red, green, blue). */
  readonly channels?: 1 | 3;
}
