/** Colours of a drawing, `#rrggbb`; for gray models the ink is white and the ground black. */
export interface Paints {
  readonly pen: string;
  readonly ground: string;
}

/** The gray of what the model will draw. */
const VEIL = 34;

const WHITE_ON_BLACK: Paints = { pen: '#ffffff', ground: '#000000' };

/**
 * A drawing as an image of the model.
 *
 * @param ink [side, side], 0..255
 * @param channels of the image: gray, gray and opacity, RGB, or RGB and opacity
 * @param veiled pixels whose ground is not shown, since the model will draw there
 * @returns [channels, side, side], 0..255; opaque where there is opacity
 */
export function drawingOf(ink: Uint8Array, channels: number, paints: Paints, veiled?: Uint8Array): Uint8Array {
  const isColoured = channels >= 3;
  const { pen, ground } = isColoured ? paints : WHITE_ON_BLACK;
  const painted = isColoured ? 3 : 1;
  const image = new Uint8Array(channels * ink.length).fill(255);
  for (let channel = 0; channel < painted; channel++) {
    const [over, under] = [channelOf(pen, channel), channelOf(ground, channel)];
    ink.forEach((value, i) => {
      const behind = veiled?.[i] ? VEIL : under;
      image[channel * ink.length + i] = Math.round(behind + (value / 255) * (over - behind));
    });
  }
  return image;
}

const channelOf = (colour: string, channel: number): number =>
  Number.parseInt(colour.slice(1 + 2 * channel, 3 + 2 * channel), 16);
