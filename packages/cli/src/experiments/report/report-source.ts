import type { Dataset } from 'ts-diffusion/data';
import type { SweepFolder } from '../../sweep/running/sweep-folder.js';
import type { PlannedCell } from '../planned-cells.js';
import type { Study } from '../study.js';

/** What a report is written from. */
export interface ReportSource {
  readonly study: Study;
  readonly folder: SweepFolder;
  readonly planned: readonly PlannedCell[];
  /** The images trained on: for Figure 1. */
  readonly training: Dataset;
}
