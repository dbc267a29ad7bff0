import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from 'ts-diffusion/data';
import { createNoiseSchedule, evenlySpacedTimesteps, NoiseSource, noisingFigure } from 'ts-diffusion/diffusion';
import type { ScoredImages } from 'ts-diffusion/evaluation';
import { encodePng, enlarge, imageGrid, toBytes, toModelRange } from 'ts-diffusion/images';
import { readMetrics, readScoredImages } from 'ts-diffusion/node';
import { studyCells, baseSetting, guidanceSettings, trainingSettings, type Setting } from '../plan.js';
import { IMAGES_FILE, isDrawn } from '../sample-stage.js';
import type { Figure } from '../../report/document.js';
import { confusionPlot, curvePlot, errorBarPlot, type MeasuredPoint } from '../../plotting/plots.js';
import { frechetOf, inceptionOf, protocolResult, type CellResult } from './results.js';
import type { ReportSource } from './report-source.js';

const GRID_SCALE = 2;
const FIGURE_COLUMNS = 11;
const FIGURE_DIGIT = 5;
const GRID_ROWS = 10;

/** Figure 1: the forward process under both schedules, at both numbers of timesteps. */
export function forwardFigure({ training }: ReportSource): Figure {
  const { images, labels, height, width } = training;
  const pixels = height * width;
  const index = labels.indexOf(FIGURE_DIGIT);
  const x0 = toModelRange(images.subarray(index * pixels, (index + 1) * pixels));
  const noise = new NoiseSource(0, 0, 1, pixels).next();
  const rows = [1000, 4000].flatMap((timesteps) =>
    noisingFigure(
      [createNoiseSchedule('linear', timesteps), createNoiseSchedule('cosine', timesteps)],
      x0,
      noise,
      evenlySpacedTimesteps(timesteps, FIGURE_COLUMNS, 0).reverse(),
    ).flatMap((row) => row.images.map(toBytes)),
  );
  return {
    kind: 'figure',
    name: 'figure-1',
    caption:
      'Figure 1: forward process from t = 0 to T. Rows: linear and cosine at T = 1000, linear (betas not rescaled) and cosine at T = 4000',
    picture: { png: grid(rows, training, FIGURE_COLUMNS) },
  };
}

/** Figure 4: samples, one column per class. */
export async function sampleFigure(source: ReportSource, setting: Setting, caption: string): Promise<Figure[]> {
  const figures = source.study.protocols.map(async (protocol): Promise<Figure[]> => {
    const result = protocolResult(source, protocol, setting);
    if (!result) return [];
    const samples = await imagesOf(source, result);
    const columns = source.training.classes;
    return [
      {
        kind: 'figure',
        name: `samples-${setting.schedule}-${setting.timesteps}-${protocol}`,
        caption: `${caption}, protocol ${protocol}: ${setting.schedule}, T = ${setting.timesteps}, ω = ${setting.omega}`,
        picture: { png: grid(imageList(samples, columns * GRID_ROWS), samples, columns) },
      },
    ];
  });
  return (await Promise.all(figures)).flat();
}

/** The training images nearest to samples, each below its sample. */
export async function nearestFigure(source: ReportSource, result: CellResult): Promise<Figure[]> {
  const { nearest } = result.details;
  if (nearest.length === 0) return [];
  const samples = imageList(await imagesOf(source, result), Infinity);
  const { training } = source;
  const pixels = training.height * training.width;
  const pictures = [
    ...nearest.map(({ sample }) => samples[sample] as Uint8Array),
    ...nearest.map((pair) => training.images.subarray(pair.training * pixels, (pair.training + 1) * pixels)),
  ];
  return [
    {
      kind: 'figure',
      name: 'nearest-training-images',
      caption: 'Samples (above) and the nearest training image of each in pixels (below)',
      picture: { png: grid(pictures, training, nearest.length) },
    },
  ];
}

/** The training loss of every model. */
export function lossFigure(source: ReportSource): Figure[] {
  const runs = [...new Set(studyCells(source.study).map(({ samples }) => samples.training))];
  const points = [...new Map(runs.map((run) => [run.id, run])).values()].flatMap((plan) => {
    const path = join(source.folder.run(plan), 'metrics.jsonl');
    return existsSync(path) ? readMetrics(path).map(({ step, loss }) => ({ x: step, y: loss, series: plan.id })) : [];
  });
  if (points.length === 0) return [];
  const labels = { x: 'training step', y: 'L1 loss' };
  return [
    {
      kind: 'figure',
      name: 'loss',
      caption: 'Training loss (mean over the steps between two points)',
      picture: { svg: curvePlot(points, labels) },
    },
  ];
}

/** Distance and Inception score against schedule and T. */
export function scheduleFigures(source: ReportSource): Figure[] {
  return scoreFigures(
    source,
    'schedule',
    trainingSettings,
    ({ schedule, timesteps }) => `${schedule} ${timesteps}`,
    'schedule and T',
  );
}

/** Distance and Inception score against omega. */
export function guidanceFigures(source: ReportSource): Figure[] {
  return scoreFigures(source, 'omega', guidanceSettings, ({ omega }) => omega, 'guidance weight ω');
}

/** Label asked for against class seen. */
export function confusionFigure(source: ReportSource): Figure[] {
  const result = protocolResult(source, 'corrected', baseSetting);
  if (!result || result.details.confusion.length === 0) return [];
  return [
    {
      kind: 'figure',
      name: 'confusion',
      caption:
        'Class predicted by the feature network for samples of each label (linear, T = 1000, ω = 0.2, corrected)',
      picture: { svg: confusionPlot(result.details.confusion) },
    },
  ];
}

function scoreFigures(
  source: ReportSource,
  name: string,
  settings: readonly Setting[],
  xOf: (setting: Setting) => number | string,
  x: string,
): Figure[] {
  const metrics = [
    { id: 'distance', y: 'Fréchet distance', score: frechetOf },
    { id: 'inception', y: 'Inception score', score: inceptionOf },
  ];
  return metrics.flatMap(({ id, y, score }): Figure[] => {
    const found = source.study.protocols.flatMap((protocol) =>
      settings.flatMap((setting) => {
        const value = score(protocolResult(source, protocol, setting));
        return value ? [{ value, point: measured(xOf(setting), protocol, value) }] : [];
      }),
    );
    const [first] = found;
    if (!first) return [];
    const svg = errorBarPlot(
      found.map(({ point }) => point),
      { x, y },
      { floor: first.value.floor },
    );
    return [
      { kind: 'figure', name: `${name}-${id}`, caption: `${y} against ${x}; dashed: real images`, picture: { svg } },
    ];
  });
}

function measured(
  x: number | string,
  series: string,
  { value, standardDeviation }: { readonly value: number; readonly standardDeviation?: number | undefined },
): MeasuredPoint {
  return { x, y: value, series, ...(standardDeviation === undefined ? {} : { error: standardDeviation }) };
}

function imagesOf({ folder }: ReportSource, { cell }: CellResult): Promise<ScoredImages> {
  const path = folder.samples(cell.samples);
  if (!isDrawn(path)) throw new Error(`the samples of a finished cell are gone: ${path}`);
  return readScoredImages(join(path, IMAGES_FILE), 'test');
}

function imageList({ images, count, height, width }: ScoredImages, most: number): Uint8Array[] {
  const pixels = height * width;
  return Array.from({ length: Math.min(count, most) }, (_, i) => images.subarray(i * pixels, (i + 1) * pixels));
}

function grid(pictures: readonly Uint8Array[], size: Pick<Dataset, 'height' | 'width'>, columns: number): Uint8Array {
  const all = new Uint8Array(pictures.length * size.height * size.width);
  pictures.forEach((picture, i) => {
    all.set(picture, i * size.height * size.width);
  });
  const { data, width, height } = enlarge(imageGrid(all, size, columns), GRID_SCALE);
  return encodePng(data, width, height);
}
