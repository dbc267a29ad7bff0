import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mutatedReaders } from './readers.js';
import { makeMutant, runMutants } from './run.js';

/** `npm run torture -- readers` runs 20,000 in processes whose memory it measures. */
const MUTANTS = 200;

const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a damaged file is read, or refused in one sentence, at once', () => {
  test.each(mutatedReaders(folder).map((reader) => [reader.name, reader] as const))('%s', async (_, reader) => {
    const { failures, refused, slowest } = await runMutants(reader, { seed: 1, count: MUTANTS });
    expect(failures).toEqual([]);
    expect(slowest).toBeLessThan(1000);
    // Metrics lines that are damaged are passed over.
    if (reader.name !== 'metrics') expect(refused).toBeGreaterThan(MUTANTS / 10);
  });
});

test('a mutant depends on its seed and number alone', () => {
  const [reader] = mutatedReaders(folder);
  if (!reader) throw new Error('no readers');
  expect(Buffer.from(makeMutant(reader, 1, 7)).equals(makeMutant(reader, 1, 7))).toBe(true);
  expect(Buffer.from(makeMutant(reader, 1, 7)).equals(makeMutant(reader, 1, 8))).toBe(false);
});
