import { type Paragraph, paragraph } from '../../report/document.js';
import { describeSetting } from '../../sweep/report/names.js';
import { settingOf } from '../planned-cells.js';
import type { StudyPart } from '../study.js';
import { failureOf } from './failures.js';
import type { ReportSource } from './report-source.js';
import { resultOf } from './results.js';

/** Why cells of a part of a study failed, below a table that marks them. */
export function failureNotes(source: ReportSource, part: StudyPart): readonly Paragraph[] {
  const notes = source.planned.flatMap((each) => {
    const result = each.part === part ? resultOf(source, each) : null;
    const failure = result && failureOf(source, result);
    if (failure === null || failure === undefined) return [];
    const { schedule, timesteps } = settingOf(each);
    const varied = Object.keys(each.varied).length === 0 ? '' : `; ${describeSetting(each.varied)}`;
    return [`**Failed** (${schedule}, T = ${timesteps}, ${each.protocol}${varied}): ${failure}`];
  });
  return [...new Set(notes)].map(paragraph);
}
