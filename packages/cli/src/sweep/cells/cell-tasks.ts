import { givenSamplingSchema } from 'ts-diffusion/diffusion';
import { flopsPerImage } from 'ts-diffusion/diagnostics';
import type { DenoiserConfig } from 'ts-diffusion/train';
import { flagArguments } from '../../options/schema-flags.js';
import { evaluateSchema, networkFields } from '../plan/fields.js';
import type { Plan } from '../plan/read-plan.js';
import { scoreArguments } from '../plan/scores.js';
import { places } from '../running/sweep-folder.js';
import type { Task } from '../running/task.js';
import type { Cell, Training } from './cell.js';

const networkSchema = evaluateSchema.pick(
  Object.fromEntries(networkFields.map((field) => [field, true])) as Record<(typeof networkFields)[number], true>,
);

/** The training of a cell, where it has one. */
export const trainingOf = ({ model }: Cell): Training | undefined =>
  model.kind === 'training' ? model.training : undefined;

/** What tells the weights of cells apart: the key of their training, or the name or path of their model. */
export const weightsOf = ({ model }: Cell): string => (model.kind === 'training' ? model.training.key : model.model);

/** The trainings of some cells, each once. */
export const trainingsOf = (cells: readonly Cell[]): readonly Training[] => [
  ...new Map(cells.flatMap((cell) => trainingOf(cell) ?? []).map((training) => [training.key, training])).values(),
];

/** Work of a whole training, in floating-point operations. */
export function trainingWork({ config, network }: Training): number {
  const { steps, batchSize, replicas = 1 } = config;
  return replicas * steps * batchSize * flopsPerImage(network, batchSize).training;
}

/** The network that a cell draws from. */
export const networkOf = ({ model }: Cell): DenoiserConfig =>
  model.kind === 'training' ? model.training.network : model.network;

/** Work of drawing the images of a cell, in floating-point operations. */
export function samplingWork(cell: Cell): number {
  return cell.evaluation.count * cell.evaluationsPerImage * flopsPerImage(networkOf(cell), 1).forward;
}

/** Begins a training or goes on with it: its configuration is in its folder. @param from steps taken already */
export function trainingTask(training: Training, name: string, from: number): Task {
  const { key } = training;
  return {
    id: key,
    name: `training ${name}`,
    command: ['train', '--run', places.training(key), '--resume'],
    output: places.training(key),
    needs: [],
    work: trainingWork(training),
    begun: Math.min(1, from / training.config.steps),
    phase: 'training',
  };
}

/** Draws and scores the images of a cell. */
export function evaluationTask(cell: Cell, { scores, keep }: Pick<Plan, 'scores' | 'keep'>, name: string): Task {
  const { key, evaluation } = cell;
  const { count, neighbours, bootstrap, splits, data, quirks } = evaluation;
  // Bits per dimension need the network, not samples; what is kept and what is done to images before they are scored needs all of them.
  const isDivisible = !scores.includes('bitsPerDim') && quirks.length === 0 && !keep;
  return {
    id: key,
    name: `scoring ${name}`,
    command: [
      'evaluate',
      ...drawingArguments(cell),
      ...['--count', String(count), '--neighbours', String(neighbours), '--bootstrap', String(bootstrap)],
      ...(splits === undefined ? [] : ['--splits', String(splits)]),
      ...(data === undefined ? [] : ['--data', data]),
      ...(quirks.length === 0 ? [] : ['--quirks', quirks.join()]),
      ...flagArguments(networkSchema, evaluation),
      ...scoreArguments(scores, evaluation),
      ...(keep ? ['--save', places.samples(key), '--pictures', places.pictures(key)] : []),
      ...['--receipt', places.receipt(key)],
    ],
    output: places.cell(key),
    needs: trainingsBefore(cell),
    work: samplingWork(cell),
    begun: 0,
    phase: 'sampling',
    ...(isDivisible && { images: count }),
  };
}

/** Draws some images of each class for the report. */
export function pictureTask(cell: Cell, perClass: number, name: string): Task {
  const { key, evaluation } = cell;
  return {
    id: `${key}-picture-${perClass}`,
    name: `drawing ${name}`,
    command: [
      'sample',
      ...drawingArguments(cell),
      ...['--per-class', String(perClass), '--scale', '1', '--out', places.picture(key, perClass)],
    ],
    output: places.cell(key),
    needs: trainingsBefore(cell),
    work: samplingWork({ ...cell, evaluation: { ...evaluation, count: 10 * perClass } }),
    begun: 0,
    phase: 'sampling',
  };
}

/** The key of the training that has to be finished, where the cell is of one. */
export function trainingsBefore(cell: Cell): readonly string[] {
  const training = trainingOf(cell);
  return training === undefined ? [] : [training.key];
}

/** The model that draws, and its sampling. */
export function drawingArguments(cell: Cell): readonly string[] {
  const { device = 'cpu' } = trainingOf(cell)?.config ?? {};
  return [
    ...modelArguments(cell),
    ...(device === 'cpu' ? [] : ['--device', device]),
    ...(cell.weights === 'ema' ? [] : ['--weights', cell.weights]),
    ...lastStepArguments(cell),
    ...flagArguments(givenSamplingSchema, cell.sampling),
  ];
}

/** Without them a damaged last checkpoint would be replaced by the one before it, and the cell's scores would be of fewer steps. */
function lastStepArguments(cell: Cell): readonly string[] {
  const { steps } = trainingOf(cell)?.config ?? {};
  return steps === undefined || cell.weights === 'best' ? [] : ['--at-step', String(steps)];
}

function modelArguments(cell: Cell): readonly string[] {
  const training = trainingOf(cell);
  if (training !== undefined) return ['--run', places.training(training.key)];
  return ['--model', (cell.model as { readonly model: string }).model];
}
