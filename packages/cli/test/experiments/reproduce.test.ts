import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath } from '../commands/run-cli.js';
import { ending } from '../commands/training-child.js';
import { writeStudyData } from './study-data.js';

patientTests();

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'study-'));
  await writeStudyData(root);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const BUDGET = 'tiny,steps=20,samples=12,channels=2-4,batch=4,sampling-steps=3';
const command = (out: string): string[] => [
  ...['reproduce', '--out', out, '--budget', BUDGET, '--parts', 'table3', '--data', 'data', '--threads', '1'],
];
const environment = { DIFFUSION_CACHE_DIR: 'cache' };

const receiptsIn = (out: string) =>
  readdirSync(join(root, out, 'cells'))
    .sort()
    .map((key) => readReceipt(join(root, out, 'cells', key, 'receipt.json')));
const distanceOf = (out: string, omega: number, quirks: boolean): number | undefined =>
  receiptsIn(out)
    .find((receipt) => receipt.generation?.omega === omega && receipt.command.includes('--quirks') === quirks)
    ?.scores.find(({ metric }) => metric.startsWith('Frechet'))?.value;

/** Runs the study into a folder; nothing here depends on how long it takes. */
function start(out: string) {
  const child = spawn(process.execPath, [cliPath, ...command(out)], {
    cwd: root,
    env: { ...process.env, ...environment },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  return { child, end: ending(child), text: () => text };
}

async function finish(out: string): Promise<string> {
  const { end, text } = start(out);
  expect(await end, text()).toEqual({ code: 0, signal: null });
  return text();
}

test(
  'a study that is killed ends with the scores of one that never stopped, and does nothing twice',
  { timeout: 1_800_000 },
  async () => {
    expect(await finish('steady')).toContain('6 cells, 0 done before; 2 trainings and 6 evaluations to do, 1 at once');

    const killed = start('killed');
    killed.child.stderr.on('data', () => {
      if (killed.text().includes('done: scoring')) killed.child.kill('SIGKILL');
    });
    expect((await killed.end).signal).toBe('SIGKILL');
    expect(await finish('killed')).toMatch(/6 cells, [1-5] done before/);
    const scores = (out: string) => receiptsIn(out).map((receipt) => receipt.scores);
    expect(scores('killed')).toEqual(scores('steady'));

    // Values of the program before it ran studies as sweeps (0.1.0 at 2d5c8cd, the same data and budget).
    expect(distanceOf('steady', 0.5, false)).toBeCloseTo(578.77197, 3);
    expect(distanceOf('steady', 0.5, true)).toBeCloseTo(581.75492, 3);

    expect(await finish('killed')).toContain('6 cells, 6 done before; 0 trainings and 0 evaluations to do');
  },
);

test('its report stands alone and says what it knows', () => {
  const html = readFileSync(join(root, 'steady/report.html'), 'utf8');
  expect(html).not.toMatch(/src="(?!data:)/);
  for (const text of [
    ...['6 of 6 cells are done', 'Preliminary', 'Spiking-Diffusion', '37.50', 'diffusion train --preset'],
    // Twenty steps teach a network nothing.
    '<strong>failed</strong>, note 1',
    'Left out, since they failed: ω = 0; ω = 0.2; ω = 0.5.',
    'The predicted image is clipped, so that the network has learnt too little',
  ]) {
    expect(html).toContain(text);
  }
  expect(html).not.toContain('clearly better than');
  const markdown = readFileSync(join(root, 'steady/report.md'), 'utf8');
  const pictures = [...markdown.matchAll(/\]\((figures\/[^)]+)\)/g)].map((match) =>
    join(root, 'steady', match[1] as string),
  );
  const names = pictures.map((path) => path.replace(/.*\//, ''));
  for (const name of ['figure-1.png', 'figure-2.png', 'loss.svg', 'confusion.svg']) {
    expect(names).toContain(name);
  }
  expect(names).toContain('nearest-training-images.png');
  for (const path of pictures) expect(statSync(path).size, path).toBeGreaterThan(100);
});
