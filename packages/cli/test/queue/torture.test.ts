import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { tortureQueue } from './queue-torture.js';
import { serverKinds } from './test-servers.js';

patientTests();
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'queue-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

// `npm run torture -- queue` inflicts at least fifty.
test.each(serverKinds)('a sweep over $name under faults ends with the report of an undisturbed one', async (kind) => {
  const plan = { steps: 60, axes: ['train.schedule: [linear]'], count: 520 };
  const result = await tortureQueue(root, kind, { seed: 1, faults: 3, workers: 2, plan });
  expect(result.failures).toEqual([]);
  expect(result.faults).toBeGreaterThanOrEqual(3);
});
