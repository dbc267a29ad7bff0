import { existsSync } from 'node:fs';
import { drawingArguments, samplingWork, trainingsBefore } from '../sweep/cells/cell-tasks.js';
import type { Cell } from '../sweep/cells/cell.js';
import { places, type SweepFolder } from '../sweep/running/sweep-folder.js';
import type { Task } from '../sweep/running/task.js';

const LABELS = [0, 2, 4, 6, 8];

/** Where the picture of the reverse process of a cell is, as seen from the folder of the study. */
export const stripPlace = ({ key }: Cell): string => `${places.cell(key)}/reverse-process-steps.png`;

/** Draws Figure 2: some images on their way from noise, drawn as those of a cell are. Nothing where it is there already. */
export function stripTasks(cell: Cell | undefined, folder: SweepFolder): readonly Task[] {
  if (cell === undefined || existsSync(folder.in(stripPlace(cell)))) return [];
  const { key, evaluation } = cell;
  const count = LABELS.length;
  return [
    {
      id: `${key}-strip`,
      name: 'drawing the reverse process',
      command: [
        ...['sample', ...drawingArguments(cell), '--labels', LABELS.join(), '-n', String(count), '--steps-strip'],
        ...['--out', `${places.cell(key)}/reverse-process.png`],
      ],
      output: places.cell(key),
      needs: trainingsBefore(cell),
      work: samplingWork({ ...cell, evaluation: { ...evaluation, count } }),
      begun: 0,
      phase: 'sampling',
    },
  ];
}
