import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MetricsChunks, type MetricsChunk } from '../../src/studio/metrics-chunks.js';
import { temporaryFolder } from '../../../ts-diffusion/test/training/folders.js';
import { metricsLines } from './studio-folder.js';

const folder = temporaryFolder();

const stepsIn = (chunk: MetricsChunk | undefined): number[] =>
  (JSON.parse(chunk?.lines?.toString() ?? '[]') as { step: number }[]).map(({ step }) => step);

test('what one page was sent is there for the others, not made again', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, metricsLines(1, 2000));
  const chunks = new MetricsChunks();
  const first = chunks.read(path, undefined);
  expect(first?.more).toBe(true);
  expect(chunks.read(path, undefined)?.lines).toBe(first?.lines);
  // Nor after the file has grown behind it.
  appendFileSync(path, metricsLines(2001, 2001));
  expect(chunks.read(path, undefined)?.lines).toBe(first?.lines);
  const second = chunks.read(path, first?.position);
  expect(stepsIn(second)[0]).toBe(stepsIn(first).length + 1);
});

test('the end of a file is read again once it has grown', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, metricsLines(1, 2));
  const chunks = new MetricsChunks();
  expect(stepsIn(chunks.read(path, undefined))).toEqual([1, 2]);
  appendFileSync(path, metricsLines(3, 3));
  expect(stepsIn(chunks.read(path, undefined))).toEqual([1, 2, 3]);
});

test('a file written anew is sent anew, to a page that had the old one and to one that had nothing', () => {
  const path = folder('metrics.jsonl');
  writeFileSync(path, metricsLines(1, 4));
  const chunks = new MetricsChunks();
  const { position } = chunks.read(path, undefined) ?? {};
  writeFileSync(folder('anew'), metricsLines(5, 6));
  renameSync(folder('anew'), path);
  const again = chunks.read(path, position);
  expect([again?.restarted, stepsIn(again)]).toEqual([true, [5, 6]]);
  const fresh = chunks.read(path, undefined);
  expect([fresh?.restarted, stepsIn(fresh)]).toEqual([false, [5, 6]]);
});

test('where there is nothing new there are no lines; where there is no file, nothing', () => {
  const path = folder('metrics.jsonl');
  const chunks = new MetricsChunks();
  expect(chunks.read(path, undefined)).toBeUndefined();
  writeFileSync(path, metricsLines(1, 1));
  const first = chunks.read(path, undefined);
  expect(chunks.read(path, first?.position)).toMatchObject({ lines: undefined, restarted: false, more: false });
});
