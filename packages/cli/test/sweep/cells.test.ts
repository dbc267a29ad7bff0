import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveCells } from '../../src/sweep/cells/resolve-cells.js';
import type { Cell } from '../../src/sweep/cells/cell.js';
import { trainingOf } from '../../src/sweep/cells/cell-tasks.js';
import { parsePlanSource } from '../../src/sweep/plan/plan-source.js';
import { checkPlan } from '../../src/sweep/plan/read-plan.js';
import { places, SweepFolder } from '../../src/sweep/running/sweep-folder.js';
import { writeTinyData } from '../tiny-data.js';
import { tinyPlan, type TinyPlan } from './tiny-plan.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cells-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const cellsOf = (text: string): Promise<readonly Cell[]> =>
  resolveCells(checkPlan(parsePlanSource(text, join(folder, 'plan.yaml'))), new AbortController().signal);
const tiny = (plan: TinyPlan): Promise<readonly Cell[]> => cellsOf(tinyPlan(plan));

test('best weights are refused where a training keeps none', async () => {
  const best = ['sample.weights: best', 'train.seed: 0'];
  await expect(tiny({ axes: best })).rejects.toThrow(/"best".*this training keeps no best weights/);
  // The first of these evaluations would be after the last step.
  await expect(tiny({ axes: [...best, 'train.evaluateEvery: 31'] })).rejects.toThrow(/keeps no best weights/);
  await expect(tiny({ axes: [...best, 'train.evaluateEvery: 30'] })).resolves.toHaveLength(1);
  const heldOut = [...best, 'train.validation: 100'];
  await expect(tiny({ axes: [...heldOut, 'train.validateEvery: 10'] })).resolves.toHaveLength(1);
  await expect(tiny({ axes: heldOut })).rejects.toThrow(/keeps no best weights/);
});

test('paths in a configuration are absolute for the children, which run in another folder', async () => {
  const data = join(folder, 'data');
  writeTinyData(data);
  const config = { data: relative(process.cwd(), data), channels: [4, 8], timesteps: 20 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const [cell] = await cellsOf('base: { config: config.json }\naxes: { sample.guidanceWeight: 0 }');
  expect(cell && trainingOf(cell)?.config.data).toBe(data);
});

test('a training finds its images where they are now: its key does not depend on their place', async () => {
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  const planOf = (data: string): string =>
    `base: { preset: quick }\ntrain: { data: ${data}, channels: [8, 16], timesteps: 20 }\naxes: { sample.guidanceWeight: 0 }`;
  const sweep = new SweepFolder(join(folder, 'sweep'));
  const keyAfterPreparing = async (data: string): Promise<string> => {
    const [cell] = (await cellsOf(planOf(data))) as [Cell];
    sweep.prepare(cell);
    return trainingOf(cell)?.key ?? '';
  };
  writeTinyData(before);
  const key = await keyAfterPreparing(before);
  renameSync(before, after);
  expect(await keyAfterPreparing(after)).toBe(key);
  const config = readFileSync(sweep.in(`${places.training(key)}/config.json`), 'utf8');
  expect(JSON.parse(config)).toMatchObject({ data: after });
});

test('the lock of a sweep on another machine is taken over when asked', () => {
  const sweep = new SweepFolder(join(folder, 'elsewhere'));
  mkdirSync(sweep.path);
  writeFileSync(sweep.in('sweep.lock'), JSON.stringify({ pid: 1, host: 'another-machine' }));
  expect(() => sweep.lock()).toThrow(/process 1 on another-machine locked this folder.*--take-over/);
  const lock = sweep.lock(true);
  lock.verify();
  lock.release();
});
