import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { KillTorture, somePoints, type CrashPoint, type CrashResult } from './kills.js';

/** `npm run torture -- kills` tries all of them. */
const POINTS = 12;
const SEED = 1;

patientTests();
const folder = mkdtempSync(join(tmpdir(), 'kills-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a training that is killed, or loses its power, ends as if it had not', async () => {
  const torture = await KillTorture.prepare(folder, SEED, 1);
  const all = torture.points(SEED);
  // Of the last of these it depends whether the run's folder is still there, with all that was synced in it.
  const nameless = all.findLast(({ name }) => name.startsWith('new run: power cut, names lost')) as CrashPoint;
  const points = [nameless, ...somePoints(all, POINTS - 1, SEED)];
  expect(points.filter(({ cut }) => cut === undefined).length).toBeGreaterThan(2);
  const failed: CrashResult[] = [];
  for await (const result of torture.crash(points, 2)) if (result.failures.length > 0) failed.push(result);
  expect(failed.map(({ point, failures }) => `${point.name}: ${failures.join('; ')}`)).toEqual([]);
});
