import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { parseBudget } from '../../src/experiments/budget.js';
import { StudyFolder } from '../../src/experiments/study-folder.js';
import { bundledChild } from '../../../../test/bundle-child.js';

const child = bundledChild(join(import.meta.dirname, 'study-child.ts'));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'study-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Goes on with the study until it ends, or is killed at the first line that matches. @returns what it printed */
function runChild(folder: string, death?: RegExp): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const process = spawn(globalThis.process.execPath, [
      child(),
      folder,
      ...(death === undefined ? [] : [death.source]),
    ]);
    let text = '';
    let errors = '';
    process.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    process.stdout.on('data', (data: Buffer) => (text += data.toString()));
    process.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(text.split('\n').filter((line) => line !== ''));
      else reject(new Error(errors));
    });
  });
}

/** What a study found: every score of every receipt. */
const scoresIn = (folder: string) =>
  readdirSync(join(folder, 'receipts'))
    .sort()
    .map((name) => ({ name, scores: readReceipt(join(folder, 'receipts', name)).scores }));

test(
  'a study that is killed over and over finds what one that never stopped finds, and does nothing twice',
  { timeout: 240_000 },
  async () => {
    const [steady, killed] = [join(root, 'steady'), join(root, 'killed')];
    const lines = await runChild(steady);
    expect(lines[0]).toBe('8 cells, 8 not done yet');
    expect(lines.at(-1)).toBe('finished');

    await runChild(killed, /linear-1000 step 7 /);
    const second = await runChild(killed, /drawing 12 images of linear-1000-omega0-seed0/);
    expect(second).toContain('training linear-1000 from step 6');
    const third = await runChild(killed, /scoring linear-1000-batch-coin/);
    expect(third.join()).not.toContain('training linear-1000,');
    await runChild(killed);
    expect(scoresIn(killed)).toEqual(scoresIn(steady));

    const again = await runChild(killed);
    expect(again).toEqual(['8 cells, 0 not done yet', 'finished']);
    expect(readdirSync(join(killed, 'samples', 'linear-1000-omega0-seed0-clipped')).sort()).toEqual([
      ...['generation.json', 'samples-images-idx3-ubyte', 'samples-labels-idx1-ubyte'],
    ]);

    const html = readFileSync(join(killed, 'report.html'), 'utf8');
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
    for (const text of [
      '8 of 8 cells are done',
      'Preliminary',
      'Spiking-Diffusion',
      '37.50',
      'diffusion train --preset',
    ]) {
      expect(html).toContain(text);
    }
    const markdown = readFileSync(join(killed, 'report.md'), 'utf8');
    const pictures = [...markdown.matchAll(/\]\((figures\/[^)]+)\)/g)].map((match) => join(killed, match[1] as string));
    expect(pictures.length).toBeGreaterThan(6);
    for (const path of pictures) expect(statSync(path).size, path).toBeGreaterThan(100);
  },
);

test('a folder goes on with its own budget only', () => {
  const study = { protocols: ['corrected'], parts: ['table3'] } as const;
  new StudyFolder(root, { ...study, budget: parseBudget('tiny') });
  expect(existsSync(join(root, 'study.json'))).toBe(true);
  new StudyFolder(root, { ...study, parts: ['table1'], budget: parseBudget('tiny') });
  expect(() => new StudyFolder(root, { ...study, budget: parseBudget('tiny,steps=101') })).toThrow(
    /contains a study with the budget steps=100,.*, but the requested budget is steps=101,/,
  );
});
