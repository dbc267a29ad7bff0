import { join } from 'node:path';
import { type Classification, type Evaluation, planarImages, type ScoredImages } from 'ts-diffusion/evaluation';
import { writeFileAtomic } from 'ts-diffusion/node';
import { confusionPlot, curvePlot, standaloneSvg, type CurvePoint } from '../plotting/plots.js';
import { writeGrid } from './write-images.js';

/** Samples shown of either kind. */
const SHOWN = 40;
const COLUMNS = 20;
/** Screen pixels per pixel of an image. */
const SCALE = 2;
/** Pairs of a sample and the training image nearest to it. */
const NEAREST = 10;
const CONFUSION = 'confusion';
export const CONFUSION_FILE = `${CONFUSION}.svg`;
export const NEAREST_FILE = 'nearest-training-images.png';
/** Pixels of stroke width in a bin. */
const BIN = 0.25;

/**
 * Writes what people would rather see than read of an evaluation: the samples most and least suspicious to the judges, plots of grey
 * levels and stroke widths beside those of the reference, the classes seen against the labels, and samples above the training images
 * nearest to them.
 *
 * @returns the files
 * @throws WriteError when a file cannot be written
 */
export async function writeEvaluationPictures(
  folder: string,
  samples: ScoredImages,
  { suspicions, histograms, classification, nearest }: Evaluation,
): Promise<string[]> {
  const written: string[] = [];
  const { images: planes, ...size } = planarImages(samples);
  const length = size.channels * size.height * size.width;
  if (suspicions) {
    const order = Array.from(suspicions.ofSamples.keys())
      .filter((row) => !Number.isNaN(suspicions.ofSamples[row]))
      .sort((a, b) => (suspicions.ofSamples[b] as number) - (suspicions.ofSamples[a] as number));
    for (const [name, rows] of [
      ['most-suspicious', order.slice(0, SHOWN)],
      ['least-suspicious', order.slice(-SHOWN).reverse()],
    ] as const) {
      const path = join(folder, `${name}.png`);
      const shown = new Uint8Array(rows.length * length);
      rows.forEach((row, i) => {
        shown.set(planes.subarray(row * length, (row + 1) * length), i * length);
      });
      await writeGrid(path, shown, size, COLUMNS, SCALE);
      written.push(path);
    }
  }
  if (histograms) {
    const sets = [
      ['samples', histograms.samples],
      ['real images', histograms.reference],
    ] as const;
    const levels = sets.flatMap(([series, { greyLevels }]) => {
      return Array.from(greyLevels, (share, level) => ({ x: level, y: share, series })).filter(({ y }) => y > 0);
    });
    written.push(plot(folder, 'grey-levels', curvePlot(levels, { x: 'grey level', y: 'share of pixels' })));
    const widths = sets.flatMap(([series, { strokeWidths }]) => strokeHistogram(series, strokeWidths));
    if (widths.length > 0) {
      const labels = { x: 'mean stroke width of an image (pixels)', y: 'share of images' };
      written.push(plot(folder, 'stroke-widths', curvePlot(widths, labels, { logarithmic: false })));
    }
  }
  if (classification) written.push(plot(folder, CONFUSION, confusionPlot(confusionRows(classification))));
  if (nearest && nearest.indices.length > 0) {
    const path = join(folder, NEAREST_FILE);
    const columns = Math.min(NEAREST, nearest.indices.length);
    const pairs = [planarImages(nearest.samples), planarImages(nearest.training)] as const;
    const shown = new Uint8Array(2 * columns * length);
    for (let i = 0; i < columns; i++) {
      [i, nearest.indices[i] as number].forEach((row, set) => {
        shown.set(
          (pairs[set] as typeof size & { images: Uint8Array }).images.subarray(row * length, (row + 1) * length),
          (set * columns + i) * length,
        );
      });
    }
    await writeGrid(path, shown, size, columns, SCALE);
    written.push(path);
  }
  return written;
}

/** [classes][classes]: by the label asked for, then by the class seen. */
function confusionRows({ confusion, classes }: Classification): number[][] {
  const size = classes.length;
  return classes.map((_, row) => [...confusion.subarray(row * size, (row + 1) * size)]);
}

function plot(folder: string, name: string, svg: string): string {
  const path = join(folder, `${name}.svg`);
  writeFileAtomic(path, standaloneSvg(svg));
  return path;
}

function strokeHistogram(series: string, widths: Float64Array | null): CurvePoint[] {
  if (!widths?.length) return [];
  const counts = new Map<number, number>();
  for (const width of widths) {
    const bin = Math.floor(width / BIN);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const last = Math.max(...counts.keys());
  return Array.from({ length: last + 1 }, (_, bin) => ({
    x: (bin + 0.5) * BIN,
    y: (counts.get(bin) ?? 0) / widths.length,
    series,
  }));
}
