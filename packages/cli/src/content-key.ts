import { sha256Hex } from 'ts-diffusion/node';

/** Increased when equal inputs no longer give equal results, so that what was computed before is not taken for these. */
const FORMAT = 1;

/** Hexadecimal digits of a key: two of a million cells are alike with a probability of 3e-8. */
const DIGITS = 16;

/** A name for all that decides a result: the same for equal values, whatever the order of their fields. */
export function keyOf(kind: string, value: unknown): string {
  const text = JSON.stringify(sorted({ format: FORMAT, kind, value }));
  return sha256Hex(new TextEncoder().encode(text)).slice(0, DIGITS);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sorted(each)]));
}
