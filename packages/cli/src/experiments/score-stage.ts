import { join } from 'node:path';
import { type Classification, type ImageScorer, type InceptionFeatures, scoredImages } from 'ts-diffusion/evaluation';
import { readScoredImages, writeFileAtomic, writeReceipt } from 'ts-diffusion/node';
import type { Cell } from './plan.js';
import { clampedBeforeSaving, wrongEvaluatorRange } from './quirks.js';
import { IMAGES_FILE, readGeneration } from './sample-stage.js';
import { readJson, type StudyFolder } from './study-folder.js';

/** k of precision, recall, density and coverage. */
const NEIGHBOURS = 5;
const BOOTSTRAP = 50;
/** Pairs of sample and nearest training image that are kept for the report. */
const NEAREST_PAIRS = 10;

/** What the report shows of a cell beside its scores. */
export interface CellDetails {
  /** [classes][classes]: by the label asked for, then by the class seen. */
  readonly confusion: readonly (readonly number[])[];
  /** Indices of samples, of the training images nearest to them, and how far these are, in grey levels over all pixels. */
  readonly nearest: readonly { readonly sample: number; readonly training: number; readonly distance: number }[];
}

/** What cells are scored with, and what their receipts say of it. */
export interface Scoring {
  readonly scorer: ImageScorer;
  readonly inception: InceptionFeatures | undefined;
  readonly program: string;
  readonly machine: string;
  /** The command behind a cell. */
  readonly commandOf: (cell: Cell) => string;
}

/** Scores a cell and writes its details, then its receipt: a cell with a receipt is done. @param copies look for near-copies */
export async function scoreCell(folder: StudyFolder, cell: Cell, scoring: Scoring, copies: boolean): Promise<void> {
  const begin = performance.now();
  const { scorer, inception, program, machine, commandOf } = scoring;
  const samplesFolder = folder.samples(cell.samples);
  const drawn = await readScoredImages(join(samplesFolder, IMAGES_FILE), 'test');
  const bytes = drawn.images.subarray(0, cell.count * drawn.height * drawn.width);
  const images = scoredImages(
    cell.clampedBeforeSaving ? clampedBeforeSaving(bytes) : bytes,
    drawn,
    drawn.labels?.subarray(0, cell.count) ?? null,
    cell.id,
  );
  const { scores, warnings, classification, nearest } = await scorer.score(images, {
    neighbours: NEIGHBOURS,
    bootstrap: BOOTSTRAP,
    nearCopies: copies ? cell.count : 0,
    seed: 0,
    inception,
    evaluatorInput: cell.wrongEvaluatorRange ? wrongEvaluatorRange : undefined,
  });
  const details: CellDetails = {
    confusion: classification ? confusionRows(classification) : [],
    nearest: [...(nearest?.indices ?? [])].slice(0, NEAREST_PAIRS).map((training, sample) => ({
      ...{ sample, training },
      distance: nearest?.distances[sample] as number,
    })),
  };
  writeFileAtomic(folder.details(cell), `${JSON.stringify(details)}\n`);
  writeReceipt(folder.receipt(cell), {
    ...{ program, machine },
    createdAt: new Date().toISOString(),
    seconds: (performance.now() - begin) / 1000,
    command: commandOf(cell),
    images: {
      source: images.source,
      sha256: images.sha256,
      count: images.count,
      height: images.height,
      width: images.width,
    },
    generation: readGeneration(samplesFolder),
    scores: [...scores],
    warnings: [...warnings],
  });
}

export function readDetails(folder: StudyFolder, cell: Cell): CellDetails {
  return readJson(folder.details(cell)) as CellDetails;
}

function confusionRows({ confusion, classes }: Classification): number[][] {
  const size = classes.length;
  return classes.map((_, row) => [...confusion.subarray(row * size, (row + 1) * size)]);
}
