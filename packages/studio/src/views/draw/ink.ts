/** A drawing of 28x28 pixels in four grays, small enough for the page's address. */
export const SIDE = 28;
const GRAYS = [0, 96, 176, 255];

/** Radius of the pen, in pixels; MNIST's strokes are about as wide. */
const PEN = 1.35;

/** How near to ink a pixel has to be to count as drawn, in pixels. */
const NEAR = 2;

const emptyInk = (): Uint8Array => new Uint8Array(SIDE * SIDE);

/** Adds a stroke from one point to another, in pixels, with a soft edge. @returns a new drawing */
export function stroke(
  ink: Uint8Array,
  from: readonly [number, number],
  to: readonly [number, number],
  value: number,
): Uint8Array {
  const out = ink.slice();
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const cover = Math.min(1, Math.max(0, PEN + 0.5 - distanceToSegment([x + 0.5, y + 0.5], from, to)));
      const i = y * SIDE + x;
      const before = out[i] ?? 0;
      out[i] = value > 0 ? Math.max(before, Math.round(cover * value)) : Math.round((1 - cover) * before);
    }
  }
  return out;
}

/** The pixels to be drawn by the model: those that no ink is near, or one half of the image. */
export function maskOf(ink: Uint8Array, free: 'rest' | 'top' | 'bottom' | 'left' | 'right'): Uint8Array {
  return Uint8Array.from(ink, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    switch (free) {
      case 'rest':
        return isNearInk(ink, x, y) ? 0 : 1;
      case 'top':
        return y < SIDE / 2 ? 1 : 0;
      case 'bottom':
        return y < SIDE / 2 ? 0 : 1;
      case 'left':
        return x < SIDE / 2 ? 1 : 0;
      case 'right':
        return x < SIDE / 2 ? 0 : 1;
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

/** The drawing of `inkToText`; an empty one for a text that is none. */
export function inkFromText(text: string): Uint8Array {
  const ink = emptyInk();
  let bytes: string;
  try {
    bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return ink;
  }
  if (bytes.length !== ink.length / 4) return ink;
  return ink.map((_, i) => GRAYS[(bytes.charCodeAt(i >> 2) >> (2 * (i & 3))) & 3] ?? 0);
}

function isNearInk(ink: Uint8Array, x: number, y: number): boolean {
  for (let dy = -NEAR; dy <= NEAR; dy++) {
    for (let dx = -NEAR; dx <= NEAR; dx++) {
      const [px, py] = [x + dx, y + dy];
      const inside = px >= 0 && px < SIDE && py >= 0 && py < SIDE;
      if (inside && dx * dx + dy * dy <= NEAR * NEAR && (ink[py * SIDE + px] ?? 0) > 60) return true;
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
