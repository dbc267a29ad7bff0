import type { Dataset } from 'ts-diffusion/data';
import type { Study } from '../plan.js';
import type { StudyFolder } from '../study-folder.js';

/** What a report is written from. */
export interface ReportSource {
  readonly study: Study;
  readonly folder: StudyFolder;
  /** The images trained on: for Figure 1 and the nearest training images. */
  readonly training: Dataset;
}
