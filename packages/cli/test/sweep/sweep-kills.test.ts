import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { until } from '../commands/training-child.js';
import { sweepFolder } from './sweep-child.js';
import type { TinyPlan } from './tiny-plan.js';

patientTests();
const { inFolder, start, finish, list } = sweepFolder();

/** All that a report says, and every score. */
const findings = (folder: string): unknown => ({
  html: readFileSync(inFolder(folder, 'sweep.html'), 'utf8'),
  markdown: readFileSync(inFolder(folder, 'sweep.md'), 'utf8'),
  figures: list(folder, 'figures').map((name) => [name, readFileSync(inFolder(folder, 'figures', name), 'utf8')]),
  receipts: list(folder, 'cells').map((key) => [
    key,
    readReceipt(inFolder(folder, 'cells', key, 'receipt.json')).scores,
  ]),
});

/** Steps between checkpoints are a tenth of them. */
const long: TinyPlan = { steps: 600 };

test('a sweep that is killed, and then told to stop, ends with the report of an undisturbed one, to the byte', async () => {
  const steady = await finish('steady', long);
  expect(steady).toMatchObject({ code: 0 });
  expect(steady.text).toContain('2 cells, 0 done before; 2 trainings and 2 evaluations to do');
  expect(list('steady', 'trainings')).toHaveLength(2);

  const first = start('killed', long);
  const checkpoint = (): string | undefined =>
    list('killed', 'trainings')
      .map((key) => inFolder('killed', 'trainings', key))
      .find((run) => existsSync(join(run, 'checkpoint.safetensors')));
  await until(() => checkpoint() !== undefined);
  first.child.kill('SIGKILL');
  expect((await first.end).signal).toBe('SIGKILL');
  const run = checkpoint() as string;

  // Goes on where the child of the killed sweep has written its last checkpoint, and is stopped while it scores.
  const second = start('killed', long);
  await until(() => second.text().includes('scoring'));
  expect(second.text()).toMatch(/training schedule linear from \d+ %/);
  expect(loadCheckpoint(run).step).toBe(600);
  second.child.kill('SIGHUP');
  expect(await second.end).toEqual({ code: 130, signal: null });
  expect(second.text()).toContain('Stopped. Run the same command to go on.');
  expect(existsSync(inFolder('killed', 'sweep.lock'))).toBe(false);

  const last = await finish('killed', long);
  expect(last).toMatchObject({ code: 0 });
  expect(last.text).not.toContain('training schedule linear');
  expect(findings('killed')).toEqual(findings('steady'));

  const again = await finish('killed', long);
  expect(again.text).toContain('2 cells, 2 done before; 0 trainings and 0 evaluations to do');
  expect(findings('killed')).toEqual(findings('steady'));
});
