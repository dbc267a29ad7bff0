import type { Receipt } from '../../../ts-diffusion/src/evaluation/receipt.js';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { cliPath, runCli, type CliResult } from './run-cli.js';
import { ending } from './training-child.js';
import { writeStudyData } from '../experiments/study-data.js';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cli-reproduce-'));
  await writeStudyData(root);
  mkdirSync(join(root, 'elsewhere'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A command as a report prints it, on the data and the one thread of this test. */
const run = (command: string, folder = root): CliResult =>
  runCli([...command.split(' ').slice(1), '--data', join(root, 'data'), '--threads', '1'], folder, {
    DIFFUSION_CACHE_DIR: join(root, 'cache'),
  });

const study =
  'diffusion reproduce --out study --protocols corrected --parts table3 --budget tiny,steps=20,samples=12,channels=2-4,batch=4,sampling-steps=3';

test('what is to be kept is not left in a store', () => {
  const { code, stderr } = run(`${study} --keep models --store elsewhere --queue redis://localhost:1`);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: --keep takes models from the folder of the study, and with --store .* stay in the store/,
  );
  expect(existsSync(join(root, 'study'))).toBe(false);
});

test('a dry run that is interrupted tells of no report', { timeout: 240_000 }, async () => {
  const words = `${study.replace('--out study', '--out dry --dry-run')} --data ${join(root, 'data')} --threads 1`;
  const child = spawn(process.execPath, [cliPath, ...words.split(' ').slice(1)], { cwd: root });
  let text = '';
  child.stderr.on('data', (part: Buffer) => {
    const isNew = !text.includes('Measuring the speed');
    text += part.toString();
    if (isNew && text.includes('Measuring the speed')) child.kill('SIGINT');
  });
  expect(await ending(child)).toEqual({ code: 130, signal: null });
  expect(text).toContain('Stopped. Run the same command to resume.');
  expect(text).not.toContain('report');
});

test('the commands behind a number, typed in elsewhere, give that number', { timeout: 240_000 }, () => {
  expect(run(study).stdout).toContain('Wrote study/report.md');
  const report = readFileSync(join(root, 'study/report.md'), 'utf8');
  expect(report).toMatch(new RegExp(`^diffusion reproduce --out study .* --data ${root}/data .*--threads 1$`, 'm'));
  const receipts = readdirSync(join(root, 'study/cells')).map((key) =>
    readReceipt(join(root, 'study/cells', key, 'receipt.json')),
  );
  const { scores, images, command } = receipts.find(({ generation }) => generation?.omega === 0.5) as Receipt;
  expect(report).toContain(command);
  const [training = ''] = /^diffusion train .*$/m.exec(report) ?? [];

  const elsewhere = join(root, 'elsewhere');
  expect(run(training, elsewhere).stderr).toContain('Trained 20 steps');
  expect(run(`${command} --receipt again.json`, elsewhere).code).toBe(0);
  const again = readReceipt(join(elsewhere, 'again.json'));
  expect(again.images.sha256).toBe(images.sha256);
  expect(again.scores).toEqual(scores);
});

test(
  'a dry run tells the cost of each cell and leaves nothing behind; an unknown question is one clear error',
  { timeout: 240_000 },
  () => {
    const { stdout } = run(study.replace('--out study', '--out dry --dry-run'));
    expect(stdout).toContain('3 cells, 1 trainings; 0 cells are done in dry');
    expect(stdout).toMatch(/to do: [\d.e-]+ TFLOP, about [\d.e-]+ minutes/);
    expect(existsSync(join(root, 'dry'))).toBe(false);
    expect(run('diffusion reproduce --parts table5').stderr).toContain('Expected names among table1,table2,table3');
  },
);
