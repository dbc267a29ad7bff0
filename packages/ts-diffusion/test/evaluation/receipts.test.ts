import { readReceipt, writeReceipt } from '../../src/node/evaluation/receipt-file.js';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareReceipts } from '../../src/evaluation/compare-receipts.js';
import { type Receipt, type Score } from '../../src/evaluation/receipt.js';
import { FRECHET_METRIC } from '../../src/evaluation/scores/frechet.js';
import { KERNEL_METRIC } from '../../src/evaluation/scores/kernel.js';
import { DataError } from '../../src/utils/errors.js';
import { currentMetricName } from '../../src/utils/metric-names.js';
import { contents, frechet, hash, testDigits } from './receipt-contents.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'receipt-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const named = (name: string, ...scores: Score[]): { name: string; receipt: Receipt } => ({
  name,
  receipt: { format: 'ts-diffusion receipt 1', ...contents(...scores) },
});

describe('receipts', () => {
  it('are read as they were written', () => {
    const path = join(folder, 'a.json');
    writeReceipt(path, contents(frechet(3)));
    expect(readReceipt(path)).toEqual(named('a', frechet(3)).receipt);
  });

  it('of earlier versions have the names of metrics that there are now, and compare', () => {
    const path = join(folder, 'a.json');
    const metric = 'Frechet distance (MNIST CNN features)';
    writeFileSync(path, JSON.stringify(named('a', { ...frechet(3), metric }).receipt));
    const receipt = readReceipt(path);
    expect(receipt.scores[0]?.metric).toBe(FRECHET_METRIC);
    const now = named('b', { ...frechet(2), metric: FRECHET_METRIC });
    expect(compareReceipts([{ name: 'a', receipt }, now])).toMatchObject([{ metric: FRECHET_METRIC, differences: [] }]);
    expect(currentMetricName('Kernel distance (KID, MNIST CNN features)')).toBe(KERNEL_METRIC);
  });

  it('name the field that is wrong', () => {
    const path = join(folder, 'a.json');
    writeReceipt(path, contents(frechet(3)));
    const receipt = JSON.parse(readFileSync(path, 'utf8')) as { scores: { conditions: { samples: unknown } }[] };
    if (receipt.scores[0]) receipt.scores[0].conditions.samples = 'many';
    writeFileSync(path, JSON.stringify(receipt));
    expect(() => readReceipt(path)).toThrow(/a\.json: not a receipt \(scores\.0\.conditions\.samples/);
  });

  it.each([
    ['is missing', undefined, /no such receipt/],
    ['is cut off', '{"format": "ts-diff', /not a JSON file/],
    ['is something else', '{"name": "x"}', /not a receipt \(format/],
  ])('a file that %s is one clear error', (_, text, message) => {
    const path = join(folder, 'a.json');
    if (text !== undefined) writeFileSync(path, text);
    expect(() => readReceipt(path)).toThrow(DataError);
    expect(() => readReceipt(path)).toThrow(message);
  });
});

describe('compareReceipts', () => {
  it('puts equal conditions beside one another', () => {
    const rows = compareReceipts([named('a', frechet(3)), named('b', frechet(4))]);
    expect(rows).toEqual([
      { metric: 'Frechet distance', better: 'lower', scores: [frechet(3), frechet(4)], differences: [] },
    ]);
  });

  it.each<[string, Partial<Score['conditions']>, string]>([
    [
      'features',
      { network: { name: 'evaluator', sha256: hash('a'), features: 1024 } },
      'features is feature-network (aaaaaaaaaaaa) in a, evaluator (aaaaaaaaaaaa) in b',
    ],
    [
      'weights of the features',
      { network: { name: 'feature-network', sha256: hash('d'), features: 128 } },
      'features is feature-network (aaaaaaaaaaaa) in a, feature-network (dddddddddddd) in b',
    ],
    ['number of images', { samples: 5000 }, 'number of images is 10000 in a, 5000 in b'],
    [
      'reference',
      { reference: { ...testDigits, sha256: hash('e') } },
      'reference is 10000 images (bbbbbbbbbbbb) in a, 10000 images (eeeeeeeeeeee) in b',
    ],
    ['value range', { valueRange: '[0, 1]' }, 'value range is [-1, 1] in a, [0, 1] in b'],
    ['resize', { resize: 'bilinear to 299x299' }, 'resize is none in a, bilinear to 299x299 in b'],
    ['settings', { settings: { splits: 10 } }, 'splits is not set in a, 10 in b'],
  ])('refuses another %s, saying so', (_, conditions, reason) => {
    const receipts = [named('a', frechet(3)), named('b', frechet(4, conditions))];
    expect(() => compareReceipts(receipts)).toThrow(`Frechet distance: ${reason}`);
    expect(compareReceipts(receipts, { force: true })[0]?.differences).toEqual([reason]);
  });

  it('refuses receipts without a common metric', () => {
    const receipts = [named('a', frechet(3)), named('b', { ...frechet(4), metric: 'Inception score' })];
    expect(() => compareReceipts(receipts, { force: true })).toThrow(/no metric in common/);
  });
});
