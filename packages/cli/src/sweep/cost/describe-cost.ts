import { DiffusionPipeline, type Runtime } from 'ts-diffusion';
import { createNodeRuntime, loadModel, shippedModel, shippedModels } from 'ts-diffusion/node';
import { formatDuration } from '../../output/progress.js';
import { say } from '../../output/say.js';
import { samplingWork, trainingOf, trainingsOf, trainingWork } from '../cells/cell-tasks.js';
import type { Cell, Training } from '../cells/cell.js';
import type { Plan } from '../plan/read-plan.js';
import { describeSetting, describeTraining } from '../report/names.js';
import { formatNumber, formatTera } from '../report/numbers.js';
import { openWork } from '../running/run-sweep.js';
import type { SweepFolder } from '../running/sweep-folder.js';
import { measureEvaluation, measureTrainingStep, timeEvaluation } from './measure-speed.js';

/** Networks that are measured; the speed of others is taken from these. */
const MOST_MEASURED = 4;

/** What a dry run is of. */
export interface CostInput {
  readonly plan: Plan;
  readonly cells: readonly Cell[];
  readonly folder: SweepFolder;
  readonly jobs: number;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** Speeds of this machine with the threads of one cell, in floating-point operations per second. */
interface Speeds {
  readonly training: (training: Training) => number;
  readonly sampling: (cell: Cell) => number;
}

/**
 * Lines about every cell of a plan: what it costs in floating-point operations and minutes, by measured speed, and what is done.
 * Time to score is not included: the networks behind the scores are small.
 */
export async function* describeCost(input: CostInput): AsyncGenerator<string, void, void> {
  const { plan, cells, folder, jobs, threads } = input;
  const open = openWork(plan, cells, folder);
  const trainings = trainingsOf(cells);
  yield `${cells.length} cells, ${trainings.length} trainings; ${cells.length - open.cells.length} cells are done in ${folder.path}`;
  say(`Measuring the speed of this machine with ${threads} threads.`);
  const speeds = await measureSpeeds(input, await createNodeRuntime({ threads }));

  let [work, seconds, longest] = [0, 0, 0];
  const row = (indent: string, name: string, flops: number, speed: number, done: boolean): string => {
    if (!done) [work, seconds, longest] = [work + flops, seconds + flops / speed, Math.max(longest, flops / speed)];
    const cost = `${formatTera(flops).padStart(9)} TFLOP ${minutes(flops / speed).padStart(7)} min`;
    return `${cost}${done ? ' (done)' : ''}  ${indent}${name}`;
  };
  const cellRow = (cell: Cell): string =>
    row('  ', describeSetting(cell.setting), samplingWork(cell), speeds.sampling(cell), !open.cells.includes(cell));
  for (const training of trainings) {
    const own = cells.filter((cell) => trainingOf(cell)?.key === training.key);
    const from = open.trainings.find((unfinished) => unfinished.training.key === training.key)?.from;
    const isDone = from === undefined && own.every((cell) => !open.cells.includes(cell));
    const name = `training: ${describeTraining(own)}`;
    yield row(
      '',
      name,
      trainingWork(training) * (1 - (from ?? 0) / training.config.steps),
      speeds.training(training),
      isDone || from === undefined,
    );
    for (const cell of own) yield cellRow(cell);
  }
  for (const cell of cells) if (trainingOf(cell) === undefined) yield cellRow(cell);
  // A training is not divided; its replicas take turns.
  const elapsed = Math.max(seconds / jobs, longest);
  const [wall, core] = [elapsed, seconds * threads].map(minutes);
  yield (
    `to do: ${formatTera(work)} TFLOP, about ${wall} minutes (${formatDuration(1000 * elapsed)}) with ${jobs} at once and ` +
    `${threads} threads each (${core} core minutes), and the time to score`
  );
}

const minutes = (seconds: number): string => formatNumber(Number((seconds / 60).toPrecision(2)));

async function measureSpeeds({ cells, signal }: CostInput, runtime: Runtime): Promise<Speeds> {
  const training = new Map<string, number>();
  const sampling = new Map<string, number>();
  for (const each of trainingsOf(cells)) {
    const key = networkKey(each);
    if (training.has(key) || training.size >= MOST_MEASURED) continue;
    const { steps, replicas = 1 } = each.config;
    const milliseconds = await measureTrainingStep(each, runtime, signal);
    training.set(key, (1000 * trainingWork(each)) / (replicas * steps * milliseconds));
    sampling.set(key, (1000 * forwardWork(cells, each)) / (await measureEvaluation(each, runtime)));
    signal.throwIfAborted();
  }
  for (const cell of cells) {
    if (cell.model.kind !== 'model' || sampling.has(cell.model.model)) continue;
    const pipeline = openModel(cell.model.model, runtime);
    const milliseconds = await timeEvaluation(pipeline).finally(() => pipeline.dispose());
    sampling.set(cell.model.model, (1000 * workOfImage(cell)) / milliseconds);
  }
  const typical = (of: ReadonlyMap<string, number>): number => {
    const all = [...of.values()];
    return all.reduce((sum, each) => sum + each, 0) / all.length;
  };
  return {
    training: (each) => training.get(networkKey(each)) ?? typical(training),
    sampling: (cell) => {
      const { model } = cell;
      const key = model.kind === 'model' ? model.model : networkKey(model.training);
      return sampling.get(key) ?? typical(sampling);
    },
  };
}

/** What a step's time depends on. */
const networkKey = ({ network, config }: Training): string =>
  JSON.stringify([network, config.batchSize, config.device, config.dropout > 0]);

const workOfImage = (cell: Cell): number => samplingWork(cell) / (cell.evaluation.count * cell.evaluationsPerImage);

const forwardWork = (cells: readonly Cell[], { key }: Training): number =>
  workOfImage(cells.find((cell) => trainingOf(cell)?.key === key) as Cell);

function openModel(name: string, runtime: Runtime): DiffusionPipeline {
  const shipped = shippedModels().some(({ id }) => id === name) ? shippedModel(name).path : name;
  return new DiffusionPipeline(runtime, loadModel(shipped).model);
}
