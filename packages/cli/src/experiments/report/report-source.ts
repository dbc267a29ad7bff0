import type { Dataset } from 'ts-diffusion/data';
import type { ScoreName } from '../../sweep/plan/scores.js';
import type { SweepFolder } from '../../sweep/running/sweep-folder.js';
import type { KeptModel } from '../kept/kept-models.js';
import type { PlannedCell } from '../planned-cells.js';
import type { StudyFlags } from '../study-commands.js';
import type { Study } from '../study.js';

/** What a report is written from. */
export interface ReportSource {
  readonly study: Study;
  readonly folder: SweepFolder;
  readonly planned: readonly PlannedCell[];
  /** What is measured of each cell. */
  readonly scores: readonly ScoreName[];
  /** The models that its cells are drawn from, in place of trainings. */
  readonly kept?: KeptSource | undefined;
  /** How the command was given that ran it. */
  readonly flags: StudyFlags;
  /** The images trained on: for Figure 1. */
  readonly training: Dataset;
}

/** Kept models in the place of trainings. */
export interface KeptSource {
  /** Their folder, as it was given. */
  readonly folder: string;
  readonly models: readonly KeptModel[];
  /** Names of those that are not there. */
  readonly missing: readonly string[];
}
