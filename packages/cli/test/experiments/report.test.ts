import { decode } from 'fast-png';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDataset, type Dataset } from '../../../ts-diffusion/src/data/dataset.js';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { chainPairs } from '../../src/experiments/report/chain-pairs.js';
import { conclusions } from '../../src/experiments/report/conclusions.js';
import { forwardFigure, sampleFigure, scheduleFigures } from '../../src/experiments/report/figures.js';
import type { Figure, Paragraph } from '../../src/report/document.js';
import type { ReportSource } from '../../src/experiments/report/report-source.js';
import {
  chainTable,
  comparisonTable,
  quirkTable,
  repeatTable,
  settingsTable,
} from '../../src/experiments/report/tables.js';
import { baseSetting } from '../../src/experiments/study.js';
import { places } from '../../src/sweep/running/sweep-folder.js';
import { studyOf } from './study-results.js';

patientTests();

type Planned = Parameters<Parameters<typeof studyOf>[2]>[0];
const seedOf = ({ fields }: Planned): number => (fields['train.seed'] as number | undefined) ?? 0;
const isCosine = ({ fields }: Planned): boolean => fields['train.schedule'] === 'cosine';
const isLong = ({ fields }: Planned): boolean => fields['train.timesteps'] === 4000;
const isChain = ({ fields }: Planned): boolean => fields['sample.sampler'] === 'ddpm';

/** The rows of Table 2, by model and protocol. */
function rowsOf(source: ReportSource): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const [{ head, rows }, ...notes] = settingsTable(source, 'table2', '', chainPairs(source));
  return new Map(
    rows.map((row) => {
      const cells = Object.fromEntries(head.map((name, i) => [name, row[i] ?? '']));
      const [, number] = /note (\d+)/.exec(cells['note'] ?? '') ?? [];
      const text = number === undefined ? '' : notes[Number(number) - 1]?.text;
      return [`${cells['model']} ${cells['protocol']}`, { ...cells, text: text ?? '' }];
    }),
  );
}
const answersOf = (source: ReportSource): string => conclusions(source, chainPairs(source)).join('\n');
const DISTANCE = 'Fréchet distance (times the floor)';

test('a setting is the mean over its trainings, and its standard error has their spread', async () => {
  const source = await studyOf('paper-width', ['table2'], (each) =>
    isCosine(each) || isLong(each) ? { distance: 5 } : { distance: 1 + seedOf(each) },
  );
  const rows = rowsOf(source);
  // 1, 2, 3: their variance is 1, the largest of the three of `Estimate`; 1/sqrt(3) = 0.577.
  expect(rows.get('linear, T = 1000 corrected')).toMatchObject({ trainings: '3', [DISTANCE]: '2.00 ± 0.58 (4×)' });
  // The published program has one training each: its error is that of measuring.
  expect(rows.get('linear, T = 1000 paper')).toMatchObject({
    ...{ trainings: '1 (spread unknown)', [DISTANCE]: '1.000 ± 0.010 (2×)' },
  });
  expect(rows.get('cosine, T = 4000 corrected')).toMatchObject({ trainings: '2' });
});

test('only what trainings repeat is called clearly better', async () => {
  const spread = (size: number) => (each: Planned) => ({
    distance: (isCosine(each) ? 9 : isLong(each) ? 8 : 1) + size * seedOf(each),
  });
  const clear = answersOf(await studyOf('paper-width', ['table2'], spread(0.001)));
  expect(clear).toMatch(
    /\*\*Schedule and T \(corrected\)\.\*\* \*\*By Fréchet distance\*\* .*the best is linear, T = 1000, .*clearly better than all 3 others/,
  );
  // The same means with one training each.
  expect(clear).toMatch(/\*\*Schedule and T \(paper\)\.\*\* \*\*By Fréchet distance\*\* .*with others is not known/);
  const unclear = answersOf(await studyOf('paper-width', ['table2'], spread(4)));
  expect(unclear).not.toContain('clearly better');
  // (8 + 2) - (1 + 4) = 5; the standard errors, of the variance 16 of three trainings pooled, are 4/sqrt(3) and 4/sqrt(2).
  expect(unclear).toMatch(/Standard errors from the best: linear, T = 4000: 1\.\d/);
});

test('the full chain decides where the samplers differ by more than two standard errors, and the table says so', async () => {
  const source = await studyOf('paper-width', ['table2', 'full-chain'], (each) => ({
    distance: isChain(each) && isCosine(each) && !isLong(each) ? 3 : 5,
    error: 0.5,
  }));
  const verdicts = new Map(chainPairs(source).map(({ fast, verdict }) => [JSON.stringify(fast.setting), verdict]));
  expect(verdicts.size).toBe(4);
  expect(chainPairs(source)).toHaveLength(8);
  // 2 / sqrt(0.5 + 0.5) = 2.8
  expect([...verdicts.values()].filter((verdict) => verdict.includes('differ by up to 2.8'))).toHaveLength(1);
  expect([...verdicts.values()].filter((verdict) => verdict.includes('agree'))).toHaveLength(3);
  const rows = rowsOf(source);
  expect(rows.get('cosine, T = 1000 corrected')?.['text']).toContain(
    'The full chain decides (500 images): Fréchet distance 3.00 ± 0.50',
  );
  expect(rows.get('cosine, T = 4000 corrected')?.['note']).toBe('');
  expect(answersOf(source)).toContain('by the full chain.** It decides about cosine, T = 1000.');
});

test('the samplers are compared on the same trainings, whose spread is no part of the error', async () => {
  const budget = 'paper-width,full-chain-seeds=2';
  const shifted = (by: (seed: number) => number) =>
    studyOf(budget, ['full-chain'], (each) => ({
      distance: 10 + 8 * seedOf(each) - (isChain(each) ? by(seedOf(each)) : 0),
      error: 0.3,
    }));
  const verdictOf = (source: ReportSource): string | undefined => chainPairs(source)[0]?.verdict;
  // The error of one difference is 0.3 * sqrt(2) by measuring; 1 / (0.424 / sqrt(2)) = 3.3.
  expect(verdictOf(await shifted(() => 1))).toBe('they differ by up to 3.3 standard errors: the full chain decides');
  // Differences 0 and 2, of variance 2, have the same mean: 1 / (sqrt(2) / sqrt(2)) = 1.
  expect(verdictOf(await shifted((seed) => 2 * seed))).toBe('they agree (by up to 1.0 standard errors)');
});

test('white squares are marked as failed with their cause, and figures leave them out with a note', async () => {
  const source = await studyOf('paper-width', ['table2', 'full-chain'], (each) =>
    each.protocol === 'paper' && isCosine(each) && !isChain(each)
      ? { distance: 67, inception: 1.02, grey: 0.95 }
      : { distance: 5, inception: each.protocol === 'paper' ? 3.6 : 8 },
  );
  const rows = rowsOf(source);
  const { note, text } = rows.get('cosine, T = 1000 paper') ?? {};
  expect(note).toMatch(/^\*\*failed\*\*, note \d$/);
  expect(text).toContain(
    '(cosine, T = 1000, ω = 0.2, paper): failed: all images are the same to the classifier (Inception score 1.02)',
  );
  // With the last beta clipped to 0.9999: cos((0.999 + 0.008) / 1.008 * pi / 2) * 0.01 = 1.56e-5.
  expect(text).toContain('at t = 1000, the error of the predicted noise is divided by √ᾱ = 1.6e-5.');
  expect(text).toContain('The corrected protocol, which clips it, draws digits.');
  expect(text).toContain('The full chain decides (500 images): Fréchet distance 5.00');
  expect(rows.get('linear, T = 1000 paper')?.['note']).toBe('');
  const [distance] = scheduleFigures(source) as [Figure];
  // Six means and nine trainings; nothing of the two cells that failed.
  expect('svg' in distance.picture && distance.picture.svg.match(/<circle /g)).toHaveLength(6 + 9);
  expect(distance.caption).toContain(
    'Left out, since these cells failed: cosine, T = 1000, ω = 0.2 (paper); cosine, T = 4000, ω = 0.2 (paper).',
  );
  expect(answersOf(source)).toContain('Left out, since they failed: cosine, T = 1000; cosine, T = 4000.');
});

test('a network that draws no digits in either way is not said to fail by clipping; little contrast is no failure', async () => {
  const blank = { distance: 67, inception: 1.2, grey: 0.7 };
  const source = await studyOf('paper-width', ['table2'], (each) =>
    isCosine(each) ? blank : { distance: 40, inception: 1.2, grey: 0.3 },
  );
  const rows = rowsOf(source);
  expect(rows.get('cosine, T = 1000 paper')?.['text']).toContain('draws no digits either');
  expect(rows.get('cosine, T = 1000 corrected')?.['text']).toContain('failed: all images');
  expect(rows.get('linear, T = 1000 paper')?.['note']).toBe('');
});

test('coloured samples are drawn in colour, in a column for each class that was drawn', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samples-'));
  try {
    const source = await studyOf('tiny', ['table2'], () => ({ distance: 5 }), folder);
    const [x, y] = [imagesIn(3, [2, 4, 7, 2, 4, 7]), [2, 4, 7, 2, 4, 7]];
    for (const { cell } of source.planned) {
      const samples = join(folder, places.samples(cell?.key ?? ''));
      mkdirSync(samples, { recursive: true });
      writeFileSync(join(samples, 'samples-images-idx4-ubyte'), encodeIdx({ shape: [6, 3, 4, 4], data: x.images }));
      writeFileSync(join(samples, 'samples-labels-idx1-ubyte'), encodeIdx({ shape: [6], data: Uint8Array.from(y) }));
    }
    const [{ picture }] = (await sampleFigure(source, baseSetting, 'Samples')) as [Figure];
    const { width, height, channels, data } = decode((picture as { png: Uint8Array }).png);
    expect([width, height, channels]).toEqual([2 * (3 * 6 + 2), 2 * (2 * 6 + 2), 3]);
    const [left, top] = [2 * (2 + 6), 4];
    const at = 3 * (top * width + left);
    expect([...data.subarray(at, at + 3)]).toEqual([40, 60, 80]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('samples of cells that failed are left out, and that is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samples-'));
  try {
    const source = await studyOf(
      ...(['paper-width', ['table2']] as const),
      ({ protocol }) => (protocol === 'paper' ? { distance: 67, inception: 1.2, grey: 0.7 } : { distance: 5 }),
      folder,
    );
    for (const { cell } of source.planned) {
      const images = encodeIdx({ shape: [20, 28, 28], data: new Uint8Array(20 * 784).fill(128) });
      mkdirSync(join(folder, places.samples(cell?.key ?? '')), { recursive: true });
      writeFileSync(join(folder, places.samples(cell?.key ?? ''), 'samples-images-idx3-ubyte'), images);
      const labels = encodeIdx({ shape: [20], data: new Uint8Array(20) });
      writeFileSync(join(folder, places.samples(cell?.key ?? ''), 'samples-labels-idx1-ubyte'), labels);
    }
    const [corrected, paper] = (await sampleFigure(source, baseSetting, 'Samples')) as [Figure, Paragraph];
    expect(corrected.name).toBe('samples-linear-1000-corrected');
    expect(paper.text).toBe('Samples: linear, T = 1000 (paper) is left out, since it failed.');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Images of 4x4 in these classes and channels; image i is of one colour. */
function imagesIn(channels: number, labels: readonly number[]): Dataset {
  const length = channels * 16;
  const data = Uint8Array.from({ length: labels.length * length }, (_, at) => {
    const [image, channel] = [Math.floor(at / length), Math.floor((at % length) / 16)];
    return 40 * image + 20 * channel;
  });
  const shape = [labels.length, channels, 4, 4] as const;
  return createDataset({ shape, data }, { shape: [labels.length], data: Uint8Array.from(labels) }, 'four', 10);
}

test.each([
  ['gray, with the class of the figure', 1, [3, 5, 5], [40]],
  ['gray, without it', 1, [3, 4], [0]],
  ['coloured', 3, [7, 5], [40, 60, 80]],
])('the first figure begins with a training image: %s', async (_, channels, labels, colour) => {
  const source = await studyOf('tiny', ['table3'], () => null);
  const { picture } = forwardFigure({ ...source, training: imagesIn(channels, labels) });
  const { data, channels: drawn } = decode((picture as { png: Uint8Array }).png);
  expect(drawn).toBe(channels);
  // The grid has 2 pixels around each image, and is twice as large; of 5 rows of 4 images in 11 columns.
  const width = 2 * (11 * 6 + 2);
  for (const [x, y] of [
    [4, 4],
    [11, 11],
  ] as const) {
    const at = (y * width + x) * channels;
    expect([...data.subarray(at, at + channels)]).toEqual(colour);
  }
});

test('where nothing is left of a figure, a sentence says why', async () => {
  const source = await studyOf('paper-width', ['table2', 'full-chain'], () => ({
    distance: 67,
    inception: 1.2,
    grey: 0.7,
  }));
  expect(scheduleFigures(source)).toEqual([
    {
      kind: 'paragraph',
      text: expect.stringMatching(/^Left out, since these cells failed: linear, T = 1000/) as string,
    },
  ]);
  expect(chainPairs(source).map(({ decides, verdict }) => [decides, verdict])).toEqual(
    Array.from({ length: 8 }, () => [false, 'both failed']),
  );
});

test('figures have a mark for each cell of their table, and names on both axes', async () => {
  const source = await studyOf('paper-width', ['table2'], (each) => ({ distance: 5 + seedOf(each) }));
  for (const { picture } of scheduleFigures(source) as Figure[]) {
    const svg = 'svg' in picture ? picture.svg : '';
    // Eight means, and the nine trainings of the corrected protocol, which has several of each.
    expect(svg.match(/<circle /g)).toHaveLength(8 + 9);
    expect(svg.match(/aria-label="[xy]-axis label"/g)).toHaveLength(2);
  }
});

test('a cell that is not done is a dash in its table, and named below the figure', async () => {
  const source = await studyOf('paper-width', ['table2'], (each) => (isLong(each) ? null : { distance: 5 }));
  expect(rowsOf(source).get('linear, T = 4000 corrected')).toMatchObject({ trainings: '0 of 2', [DISTANCE]: '–' });
  expect((scheduleFigures(source)[0] as Figure).caption).toContain('Not done: linear, T = 4000, ω = 0.2 (corrected)');
});

test('with the Inception weights every table has FID', async () => {
  const parts = ['table1', 'table2', 'table3', 'quirks', 'full-chain'] as const;
  const source = await studyOf('paper-width', parts, () => ({ distance: 5, fid: 12.5 }));
  const withFid: ReportSource = { ...source, scores: [...source.scores, 'fid'] };
  const chains = chainPairs(withFid);
  const [table2] = settingsTable(withFid, 'table2', '', chains);
  const [table3] = settingsTable(withFid, 'table3', '');
  for (const table of [repeatTable(withFid), table2, table3, quirkTable(withFid), chainTable(withFid, chains)]) {
    const column = table.head.findIndex((name) => name.startsWith('FID'));
    expect(column, table.caption).toBeGreaterThan(0);
    for (const row of table.rows.filter(([first]) => first?.startsWith('**') === false))
      expect(row[column]).toMatch(/^12\.5/);
  }
  for (const row of comparisonTable(withFid).rows.slice(-2)) expect(row[1]).toMatch(/^12\.5/);
  expect(JSON.stringify(repeatTable(source).head)).not.toContain('FID, corrected');
});
