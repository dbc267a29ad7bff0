import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastLine, readTail } from '../../src/studio/metrics-tail.js';
import { temporaryFolder } from '../../../ts-diffusion/test/training/folders.js';
import { metricsLines } from './studio-folder.js';

const folder = temporaryFolder();

test('only what was added is read, in whole lines', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, `${metricsLines(1, 2)}{"step":3,"lo`);
  const first = readTail(path);
  expect(first?.lines.map(({ step }) => step)).toEqual([1, 2]);
  writeFileSync(path, metricsLines(3, 4).slice('{"step":3,"lo'.length), { flag: 'a' });
  const second = readTail(path, first?.position);
  expect(second).toMatchObject({ restarted: false, more: false });
  expect(second?.lines.map(({ step, loss }) => [step, loss])).toEqual([
    [3, 1 / 3],
    [4, 1 / 4],
  ]);
  expect(readTail(path, second?.position)?.lines).toEqual([]);
});

test('a file that a resumed run wrote anew is read from its beginning', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, metricsLines(1, 5));
  const { position } = readTail(path) ?? {};
  writeFileSync(folder('shorter'), metricsLines(1, 3));
  renameSync(folder('shorter'), path);
  appendFileSync(path, metricsLines(4, 9));
  const read = readTail(path, position);
  expect(read?.restarted).toBe(true);
  expect(read?.lines).toHaveLength(9);
});

test('a long history comes in parts', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, metricsLines(1, 6000));
  let [read, lines] = [readTail(path), 0];
  expect(read?.more).toBe(true);
  for (; ; read = readTail(path, read.position)) {
    lines += read?.lines.length ?? 0;
    if (!read?.more) break;
  }
  expect(lines).toBe(6000);
});

test('lines on watched weights are read, and do not hide how far the training is', () => {
  const path = folder('metrics.jsonl');
  const watched = '{"step":3,"validationLoss":0.5,"scores":{"Frechet distance":7}}\n';
  writeFileSync(path, `${metricsLines(1, 3)}${watched}{"step":4}\n`);
  expect(readTail(path)?.lines.slice(2)).toEqual([
    expect.objectContaining({ step: 3, loss: 1 / 3 }),
    { step: 3, validationLoss: 0.5, scores: { 'Frechet distance': 7 } },
  ]);
  expect(lastLine(path)).toMatchObject({ step: 3, loss: 1 / 3 });
});

test('the last line is found from the end; a file that is not there has none', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, `${metricsLines(1, 200)}{"st`);
  expect(lastLine(path)?.step).toBe(200);
  expect(lastLine(join(path, 'nowhere'))).toBeUndefined();
  expect(readTail(folder('nowhere'))).toBeUndefined();
});
