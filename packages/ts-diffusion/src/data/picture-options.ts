/** What happens to pictures that are no squares. */
export const pictureFits = ['crop', 'pad', 'stretch'] as const;

/** Which channels pictures are read in; `auto`: RGB if any picture has colour. */
export const colorModes = ['auto', 'gray', 'rgb'] as const;

/** What a background may be. */
export const backgroundPattern = /^(?:black|white|gray|#[0-9a-f]{6})$/i;

/** How pictures of any size and kind become images of one. */
export interface PictureOptions {
  /** Side of the square images; default: the pictures' own size where all are squares of one from 8 to 128, else 32. */
  readonly imageSize?: number | undefined;
  /** Default `crop`: cut the middle out. */
  readonly fit?: (typeof pictureFits)[number] | undefined;
  /** Default `auto`. */
  readonly color?: (typeof colorModes)[number] | undefined;
  /** Behind transparent pixels, and around padded ones: `black` (default), `white`, `gray` or `#rrggbb`. */
  readonly background?: string | undefined;
  /** Leave out files that cannot be read, naming them in a message, instead of throwing. Default false. */
  readonly skipBroken?: boolean | undefined;
  /** Column with the classes, where a table has them; default: the first of the usual names. */
  readonly labelColumn?: string | undefined;
}

/** Sides that pictures keep unless asked otherwise. */
export const OWN_SIZES = { least: 8, most: 128, otherwise: 32 } as const;
