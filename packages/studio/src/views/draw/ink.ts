/** A drawing has as many pixels as the model's images, in four grays: small enough for the page's address. */
const GRAYS = [0, 96, 176, 255];

/** Radius of the pen as a share of the side; MNIST's strokes are about as wide. */
const PEN = 1.35 / 28;

/** The sides that images may have. */
const [SMALLEST, LARGEST] = [8, 128];

/** Height and width of a drawing, or of a mask. */
export const sideOf = (ink: Uint8Array): number => Math.sqrt(ink.length);

/** Adds a stroke from one point to another, in pixels, with a soft edge. @returns a new drawing */
export function stroke(
  ink: Uint8Array,
  from: readonly [number, number],
  to: readonly [number, number],
  value: number,
): Uint8Array {
  const out = ink.slice();
  const side = sideOf(ink);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const cover = Math.min(1, Math.max(0, PEN * side + 0.5 - distanceToSegment([x + 0.5, y + 0.5], from, to)));
      const i = y * side + x;
      const before = out[i] ?? 0;
      out[i] = value > 0 ? Math.max(before, Math.round(cover * value)) : Math.round((1 - cover) * before);
    }
  }
  return out;
}

/**
 * The pixels to be drawn by the model: those that no ink is near, or one half of the image.
 *
 * @param near how near to ink a pixel has to be to count as drawn, in pixels
 */
export function maskOf(ink: Uint8Array, free: 'rest' | 'top' | 'bottom' | 'left' | 'right', near: number): Uint8Array {
  const side = sideOf(ink);
  return Uint8Array.from(ink, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    switch (free) {
      case 'rest':
        return isNearInk(ink, x, y, near) ? 0 : 1;
      case 'top':
        return y < side / 2 ? 1 : 0;
      case 'bottom':
        return y < side / 2 ? 0 : 1;
      case 'left':
        return x < side / 2 ? 1 : 0;
      case 'right':
        return x < side / 2 ? 0 : 1;
    }
  });
}

/** As text for the address: two bits per pixel; no text where nothing is drawn, or all of it was erased. */
export function inkToText(ink: Uint8Array): string {
  const bytes = new Uint8Array(ink.length / 4);
  ink.forEach((value, i) => {
    const gray = GRAYS.findLastIndex((each) => value >= each - 40);
    bytes[i >> 2] = (bytes[i >> 2] ?? 0) | (gray << (2 * (i & 3)));
  });
  if (bytes.every((byte) => byte === 0)) return '';
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/**
 * The drawing of `inkToText`, in the size that is asked for where it was drawn for a model of another; an empty one for a text that is
 * none.
 */
export function inkFromText(text: string, side: number): Uint8Array {
  const ink = new Uint8Array(side * side);
  let bytes: string;
  try {
    bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return ink;
  }
  const drawn = Math.sqrt(4 * bytes.length);
  if (!Number.isInteger(drawn) || drawn < SMALLEST || drawn > LARGEST) return ink;
  const from = (to: number): number => Math.floor(((to + 0.5) * drawn) / side);
  return ink.map((_, i) => {
    const at = from(Math.floor(i / side)) * drawn + from(i % side);
    return GRAYS[(bytes.charCodeAt(at >> 2) >> (2 * (at & 3))) & 3] ?? 0;
  });
}

function isNearInk(ink: Uint8Array, x: number, y: number, near: number): boolean {
  const side = sideOf(ink);
  for (let dy = -near; dy <= near; dy++) {
    for (let dx = -near; dx <= near; dx++) {
      const [px, py] = [x + dx, y + dy];
      const inside = px >= 0 && px < side && py >= 0 && py < side;
      if (inside && dx * dx + dy * dy <= near * near && (ink[py * side + px] ?? 0) > 60) return true;
    }
  }
  return false;
}

function distanceToSegment(
  [x, y]: readonly [number, number],
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
