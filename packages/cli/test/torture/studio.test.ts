import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { tortureStudio } from './studio.js';

patientTests();
const folder = mkdtempSync(join(tmpdir(), 'torture-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

// `npm run torture -- studio` goes on for minutes, with 40 clients and 64 streams.
test('the server answers clients of every kind, and is left as it was', async () => {
  const { failures, requests, faults, streams, trainings } = await tortureStudio(folder, {
    seed: 1,
    clients: 8,
    streams: 12,
    milliseconds: 2500,
  });
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(20);
  expect(faults).toBeGreaterThan(5);
  expect(streams).toBeGreaterThanOrEqual(12);
  expect(trainings).toBeGreaterThan(0);
});
