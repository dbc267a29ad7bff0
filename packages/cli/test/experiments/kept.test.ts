import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Hex } from '../../../ts-diffusion/src/node/platform/sha256.js';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { loadModel } from '../../../ts-diffusion/src/node/models/load-model.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { readPlan } from '../../src/sweep/plan/read-plan.js';
import { resolveCells } from '../../src/sweep/cells/resolve-cells.js';
import { type CliResult, runCli } from '../commands/run-cli.js';
import { writeStudyData } from './study-data.js';

patientTests();

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kept-'));
  await writeStudyData(root);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const BUDGET = 'tiny,steps=20,samples=12,channels=2-4,batch=4,sampling-steps=3,base-seeds=2,guidance=0-0.5';
const study = (out: string, ...more: string[]): CliResult =>
  runCli(
    [
      ...['reproduce', '--out', out, '--budget', BUDGET, '--parts', 'table3', '--protocols', 'corrected'],
      ...['--data', 'data', '--threads', '1', ...more],
    ],
    root,
    { DIFFUSION_CACHE_DIR: join(root, 'cache') },
  );
const kept = (name: string): string => join(root, 'models', name);
const cellsIn = (out: string): string[] => readdirSync(join(root, out, 'cells')).sort();
const FIRST = 'corrected-linear-1000-seed0';
const SECOND = 'corrected-linear-1000-seed1';

test('each finished training is kept as float16 with a receipt, once', () => {
  const { code, stderr } = study('trained', '--keep', 'models');
  expect(code, stderr).toBe(0);
  expect(readdirSync(join(root, 'models')).sort()).toEqual([
    ...[`${FIRST}.json`, `${FIRST}.safetensors`, `${SECOND}.json`, `${SECOND}.safetensors`],
  ]);
  const receipt = JSON.parse(readFileSync(kept(`${SECOND}.json`), 'utf8')) as Record<string, Record<string, unknown>>;
  expect(receipt).toMatchObject({
    ...{ step: 20, averaged: true, sha256: sha256Hex(readFileSync(kept(`${SECOND}.safetensors`))) },
    config: { schedule: 'linear', timesteps: 1000, seed: 1, steps: 20, channels: [2, 4] },
  });
  // A receipt is published: nothing in it tells of this machine.
  expect(JSON.stringify(receipt)).not.toContain(root);
  expect(receipt['command']).toMatch(/^diffusion train --preset paper .*--seed 1/);

  const { model, step } = loadModel(kept(`${FIRST}.safetensors`));
  const key = readdirSync(join(root, 'trained/trainings')).find(
    (each) =>
      (JSON.parse(readFileSync(join(root, 'trained/trainings', each, 'config.json'), 'utf8')) as { seed: number })
        .seed === 0,
  );
  const full = loadModel(join(root, 'trained/trainings', key as string)).model;
  expect({ step, trainedOn: model.trainedOn, schedule: model.schedule.name }).toEqual({
    ...{ step: 20, trainedOn: full.trainedOn, schedule: 'linear' },
  });
  expect(receipt['data']).toBe(full.trainedOn);
  const apart = full.parameters.map((value, i) => Math.abs(value - (model.parameters[i] as number)));
  // Half a unit in the last of the 11 bits of float16, of values below 1.
  expect(Math.max(...apart)).toBeLessThanOrEqual(2 ** -12);
  expect(Math.max(...apart)).toBeGreaterThan(0);

  const before = statSync(kept(`${FIRST}.safetensors`)).mtimeMs;
  expect(study('trained', '--keep', 'models').stderr).not.toContain('kept:');
  expect(statSync(kept(`${FIRST}.safetensors`)).mtimeMs).toBe(before);
  const other = study('trained', '--keep', 'models', '--budget', BUDGET.replace('steps=20', 'steps=21'));
  expect(other.stderr).toContain('the model kept there has steps 20, and this study trains with 21');

  const sha256 = sha256Hex(readFileSync(kept(`${SECOND}.safetensors`)));
  for (const file of [`${SECOND}.safetensors`, `${SECOND}.json`]) rmSync(kept(file));
  expect(study('trained', '--keep', 'models', '--report-only').stderr).toContain('kept:');
  expect(sha256Hex(readFileSync(kept(`${SECOND}.safetensors`)))).toBe(sha256);
});

test('a study from kept models trains nothing, and names what is missing', async () => {
  rmSync(kept(`${SECOND}.safetensors`));
  const { code, stderr } = study('drawn', '--from-kept', 'models');
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`${SECOND}: no such kept model; its cells stay open.`);
  expect(stderr).toContain('2 cells, 0 done before; 0 trainings and 2 evaluations to do');
  expect(readdirSync(join(root, 'drawn'))).not.toContain('trainings');
  const report = readFileSync(join(root, 'drawn/report.md'), 'utf8');
  expect(report).toContain('2 of 4 cells are done.');
  expect(report).toContain(`**Missing models:** \`${SECOND}\`. Their cells are open.`);
  expect(report).toContain('--from-kept models');
  expect(report).toContain('1 of 2 (spread unknown)');

  // The cells are those of a sweep of that model.
  writeFileSync(
    join(root, 'plan.yaml'),
    `base: { model: models/${FIRST}.safetensors }
sample: { sampler: ddim, samplingSteps: 3, spacing: even, clipX0: true, seed: 0 }
evaluate: { count: 12, data: data }
axes: { sample.guidanceWeight: [0, 0.5] }
scores: [frechet, inception, recall, density, labels, nearCopies, worstDistance]
`,
  );
  const cells = await resolveCells(readPlan(join(root, 'plan.yaml')), new AbortController().signal);
  expect(cellsIn('drawn')).toEqual(cells.map(({ key }) => key).sort());

  // Float16 changes an image a little, and no score by much.
  const distances = (out: string): number[] =>
    cellsIn(out).flatMap((key) => {
      const { command, scores } = readReceipt(join(root, out, 'cells', key, 'receipt.json'));
      return command.includes('--omega 0.5')
        ? [scores.find(({ metric }) => metric.startsWith('Frechet'))?.value ?? 0]
        : [];
    });
  const [drawn = 0] = distances('drawn');
  expect(distances('trained').some((value) => Math.abs(value - drawn) < 0.02 * value)).toBe(true);
});

test('a kept model that is damaged, or is another than its name says, is refused', () => {
  const weights = readFileSync(kept(`${FIRST}.safetensors`));
  writeFileSync(kept(`${FIRST}.safetensors`), weights.with(weights.length - 1, (weights.at(-1) as number) ^ 1));
  expect(study('damaged', '--from-kept', 'models').stderr).toContain('its SHA-256 is not that of its receipt');
  writeFileSync(kept(`${FIRST}.safetensors`), weights);
  copyFileSync(kept(`${FIRST}.safetensors`), kept(`${SECOND}.safetensors`));
  copyFileSync(kept(`${FIRST}.json`), kept(`${SECOND}.json`));
  expect(study('wrong', '--from-kept', 'models').stderr).toContain(`seed is 0, which is not that of ${SECOND}`);
  expect(study('none', '--from-kept', 'nowhere').stderr).toContain('there is no such folder of kept models');
  expect(study('both', '--from-kept', 'models', '--keep', 'models').stderr).toContain('cannot be used with');
});
