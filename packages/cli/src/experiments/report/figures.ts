import { existsSync, readFileSync } from 'node:fs';
import { imageLength } from 'ts-diffusion/data';
import { createNoiseSchedule, evenlySpacedTimesteps, NoiseSource, noisingFigure } from 'ts-diffusion/diffusion';
import { networkLayers } from 'ts-diffusion/diagnostics';
import { planarImages, type ShownImages } from 'ts-diffusion/evaluation';
import { encodePng, enlarge, imageGrid, type ImageSize, toBytes, toModelRange } from 'ts-diffusion/images';
import { readMetrics, readScoredImages } from 'ts-diffusion/node';
import { CONFUSION_FILE, NEAREST_FILE } from '../../output/evaluation-pictures.js';
import { networkOf, trainingOf } from '../../sweep/cells/cell-tasks.js';
import { places } from '../../sweep/running/sweep-folder.js';
import { keptName, trainingOfFields } from '../kept/kept-name.js';
import { baseSetting, type Setting, type StudyPart } from '../study.js';
import { type Block, type Figure, paragraph } from '../../report/document.js';
import { networkFigure } from '../../plotting/network-figure.js';
import { curvePlot, errorBarPlot, type MeasuredPoint } from '../../plotting/plots.js';
import { failureOf } from './failures.js';
import { frechetOf, inceptionOf, keyOfResult, protocolResult, type CellResult } from './results.js';
import type { ReportSource } from './report-source.js';
import { hasFailed, tableRows, type TableRow } from './table-rows.js';

const GRID_SCALE = 2;
const FIGURE_COLUMNS = 11;
/** The class of Figure 1, where it is among the images. */
const FIGURE_CLASS = 5;
const GRID_ROWS = 10;

/** Figure 1: the forward process under both schedules, at both numbers of timesteps. */
export function forwardFigure({ training }: ReportSource): Figure {
  const { images, labels } = training;
  const length = imageLength(training);
  const index = Math.max(0, labels.indexOf(FIGURE_CLASS));
  const x0 = toModelRange(images.subarray(index * length, (index + 1) * length));
  const noise = new NoiseSource(0, 0, 1, length).next();
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

/** Figure 3: the network of the study, as its graph computes it. */
export function networkFigureOf({ planned }: ReportSource): Figure[] {
  const network = planned.flatMap(({ cell }) => (cell === undefined ? [] : [networkOf(cell)]))[0];
  if (network === undefined) return [];
  return [
    {
      kind: 'figure',
      name: 'figure-3',
      caption:
        'Figure 3: the network, drawn from its graph: filters and channels of each layer; t, c: where timestep and class are added. A ' +
        'transposed convolution of 2×2 is computed as one of 1×1 to four times the channels, which become pixels',
      picture: { svg: networkFigure(networkLayers(network)) },
    },
  ];
}

/** Figure 4: samples, one column per class; of a cell that failed, that it is left out. */
export async function sampleFigure(source: ReportSource, setting: Setting, caption: string): Promise<Block[]> {
  const figures = source.study.protocols.map(async (protocol): Promise<Block[]> => {
    const result = protocolResult(source, protocol, setting);
    if (!result) return [];
    if (failureOf(source, result) !== undefined) {
      return [
        paragraph(
          `${caption}: ${setting.schedule}, T = ${setting.timesteps} (${protocol}) is left out, since it failed.`,
        ),
      ];
    }
    if (!existsSync(placeOf(source, result))) return [];
    const set = await readScoredImages(placeOf(source, result), 'test');
    const samples = planarImages(set);
    // The classes that the model has seen are drawn in turn.
    const columns = new Set(set.labels ?? source.training.labels).size;
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
      const training = each.cell && trainingOf(each.cell);
      return training === undefined ? [] : [[training.key, each] as const];
    }),
  );
  const points = [...trainings].flatMap(([key, each]) => {
    const path = folder.in(`${places.training(key)}/metrics.jsonl`);
    if (!existsSync(path)) return [];
    return readMetrics(path).map(({ step, loss }) => ({
      x: step,
      y: loss,
      series: keptName(trainingOfFields(each.fields)),
    }));
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
export const scheduleFigures = (source: ReportSource): Block[] =>
  scoreFigures(source, 'schedule', 'table2', ({ schedule, timesteps }) => `${schedule} ${timesteps}`, 'schedule and T');

/** Distance and Inception score against omega. */
export const guidanceFigures = (source: ReportSource): Block[] =>
  scoreFigures(source, 'omega', 'table3', ({ omega }) => omega, 'guidance weight ω');

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
  const path = result && source.folder.in(`${places.pictures(keyOfResult(result))}/${file}`);
  return path !== null && existsSync(path) ? path : undefined;
}

/** Above this ratio of the largest to the smallest value, small ones would all lie on one line. */
const LARGEST_RATIO = 10;

/** A score of each row of a table with its standard error, and small the cells that it is the mean of. */
function scoreFigures(
  source: ReportSource,
  name: string,
  part: StudyPart,
  xOf: (setting: Setting) => number | string,
  x: string,
): Block[] {
  const rows = source.study.protocols.flatMap((protocol) => tableRows(source, part, protocol));
  const shown = rows.filter((row) => row.result !== undefined && !hasFailed(row));
  const metrics = [
    { id: 'distance', y: 'Fréchet distance', score: 'frechet', of: frechetOf },
    { id: 'inception', y: 'Inception score', score: 'inception', of: inceptionOf },
  ] as const;
  // Without a point there is no figure, but still to be said why.
  if (shown.length === 0 && rows.some(hasFailed)) return [paragraph(leftOut(rows).trim())];
  return metrics.flatMap(({ id, y, score, of }): Figure[] => {
    const points = shown.flatMap(({ setting, protocol, result }): MeasuredPoint[] => {
      const estimate = result?.scores[score];
      return estimate === undefined
        ? []
        : [{ x: xOf(setting), y: estimate.value, error: estimate.standardError, series: protocol }];
    });
    if (points.length === 0) return [];
    const parts = shown.flatMap(({ setting, protocol, done }) =>
      done.flatMap((cell) => {
        const value = of(cell)?.value;
        return value === undefined || done.length < 2 ? [] : [{ x: xOf(setting), y: value, series: protocol }];
      }),
    );
    const floor = of(shown[0]?.done[0] ?? null)?.floor;
    const values = points.map((point) => point.y);
    const logarithmic = Math.max(...values) > LARGEST_RATIO * Math.min(...values);
    const svg = errorBarPlot(points, { x, y }, { floor, logarithmic, parts });
    const caption = `${y} against ${x}, with standard errors; small: single trainings; dashed: real images.${leftOut(rows)}`;
    return [{ kind: 'figure', name: `${name}-${id}`, caption, picture: { svg } }];
  });
}

/** The rows that a figure has no point for, and why. */
function leftOut(rows: readonly TableRow[]): string {
  const named = (some: readonly TableRow[]): string =>
    some
      .map(
        ({ setting, protocol }) => `${setting.schedule}, T = ${setting.timesteps}, ω = ${setting.omega} (${protocol})`,
      )
      .join('; ');
  const failed = rows.filter(hasFailed);
  const open = rows.filter(({ result }) => result === undefined);
  return (
    (failed.length === 0 ? '' : ` Left out, since these cells failed: ${named(failed)}.`) +
    (open.length === 0 ? '' : ` Not done: ${named(open)}.`)
  );
}

const placeOf = ({ folder }: ReportSource, result: CellResult): string =>
  folder.in(places.samples(keyOfResult(result)));

function imageList(shown: ShownImages, most: number): Uint8Array[] {
  const { images, count } = shown;
  const length = imageLength(shown);
  return Array.from({ length: Math.min(count, most) }, (_, i) => images.subarray(i * length, (i + 1) * length));
}

/** @param pictures planar, [channels, height, width] */
function grid(pictures: readonly Uint8Array[], size: ImageSize, columns: number): Uint8Array {
  const length = imageLength(size);
  const all = new Uint8Array(pictures.length * length);
  pictures.forEach((picture, i) => {
    all.set(picture, i * length);
  });
  const { data, width, height, channels } = enlarge(imageGrid(all, size, columns), GRID_SCALE);
  return encodePng(data, width, height, channels);
}
