import { existsSync, readFileSync } from 'node:fs';
import type { Dataset } from 'ts-diffusion/data';
import { createNoiseSchedule, evenlySpacedTimesteps, NoiseSource, noisingFigure } from 'ts-diffusion/diffusion';
import type { ScoredImages } from 'ts-diffusion/evaluation';
import { encodePng, enlarge, imageGrid, toBytes, toModelRange } from 'ts-diffusion/images';
import { readMetrics, readScoredImages } from 'ts-diffusion/node';
import { CONFUSION_FILE, NEAREST_FILE } from '../../output/evaluation-pictures.js';
import { trainingOf } from '../../sweep/cells/cell-tasks.js';
import { places } from '../../sweep/running/sweep-folder.js';
import { type PlannedCell, tableSettings } from '../planned-cells.js';
import { baseSetting, type Setting } from '../study.js';
import type { Figure } from '../../report/document.js';
import { curvePlot, errorBarPlot, type MeasuredPoint } from '../../plotting/plots.js';
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
export function nearestFigure(source: ReportSource): Figure[] {
  const path = pictureOf(source, NEAREST_FILE);
  if (path === undefined) return [];
  return [
    {
      kind: 'figure',
      name: 'nearest-training-images',
      caption: 'Samples (above) and the nearest training image of each in pixels (below)',
      picture: { png: readFileSync(path) },
    },
  ];
}

/** The training loss of every model. */
export function lossFigure({ planned, folder }: ReportSource): Figure[] {
  const trainings = new Map(
    planned.flatMap((each) => {
      const training = trainingOf(each.cell);
      return training === undefined ? [] : [[training.key, each] as const];
    }),
  );
  const points = [...trainings].flatMap(([key, each]) => {
    const path = folder.in(`${places.training(key)}/metrics.jsonl`);
    if (!existsSync(path)) return [];
    return readMetrics(path).map(({ step, loss }) => ({ x: step, y: loss, series: nameOfTraining(each) }));
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

/** What tells trainings of a study apart. */
export function nameOfTraining({ fields }: PlannedCell): string {
  const schedule = String(fields['train.schedule']);
  const rescaled = fields['train.rescaleBetas'] === true ? ', betas rescaled' : '';
  const coin = fields['train.labelDropoutPer'] === 'batch' ? ', labels dropped by batch' : '';
  return `${schedule}, T = ${String(fields['train.timesteps'])}${rescaled}${coin}`;
}

/** Distance and Inception score against schedule and T. */
export function scheduleFigures(source: ReportSource): Figure[] {
  return scoreFigures(
    source,
    'schedule',
    tableSettings(source.planned, 'table2'),
    ({ schedule, timesteps }) => `${schedule} ${timesteps}`,
    'schedule and T',
  );
}

/** Distance and Inception score against omega. */
export function guidanceFigures(source: ReportSource): Figure[] {
  return scoreFigures(
    source,
    'omega',
    tableSettings(source.planned, 'table3'),
    ({ omega }) => omega,
    'guidance weight ω',
  );
}

/** Label asked for against class seen. */
export function confusionFigure(source: ReportSource): Figure[] {
  const path = pictureOf(source, CONFUSION_FILE);
  if (path === undefined) return [];
  return [
    {
      kind: 'figure',
      name: 'confusion',
      caption:
        'Class predicted by the feature network for samples of each label (linear, T = 1000, ω = 0.2, corrected)',
      picture: { svg: readFileSync(path, 'utf8') },
    },
  ];
}

/** A picture of the evaluation of the base cell. */
function pictureOf(source: ReportSource, file: string): string | undefined {
  const result = protocolResult(source, 'corrected', baseSetting);
  const path = result && source.folder.in(`${places.pictures(result.planned.cell.key)}/${file}`);
  return path !== null && existsSync(path) ? path : undefined;
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

function imagesOf({ folder }: ReportSource, { planned }: CellResult): Promise<ScoredImages> {
  return readScoredImages(folder.in(places.samples(planned.cell.key)), 'test');
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
