import { settingResults, type SettingResult } from '../../sweep/report/estimates.js';
import type { PlannedCell } from '../planned-cells.js';
import { settingOf } from '../planned-cells.js';
import type { ProtocolName, Setting, StudyPart } from '../study.js';
import { failureOf } from './failures.js';
import type { ReportSource } from './report-source.js';
import { resultOf, type CellResult } from './results.js';

/** A setting of a table under a protocol, over its training seeds. */
export interface TableRow {
  readonly setting: Setting;
  readonly protocol: ProtocolName;
  readonly planned: readonly PlannedCell[];
  /** Its cells that are done and did not fail. */
  readonly done: readonly CellResult[];
  /** What they come to; of a row whose cells all failed, what those come to. Undefined where nothing is done. */
  readonly result: SettingResult | undefined;
  /** Cells that failed, with the reason of the first. */
  readonly failed: readonly CellResult[];
  readonly failure: string | undefined;
}

/** Whether a row has cells that are done, and these failed. */
export const hasFailed = ({ done, failed }: TableRow): boolean => done.length === 0 && failed.length > 0;

/**
 * The rows of a part of a study under a protocol, in its order. Standard errors are those of `settingResults` over all rows; cells that
 * failed are not among them.
 *
 * @param wanted the cells of the part that belong to the rows
 */
export function tableRows(
  source: ReportSource,
  part: StudyPart,
  protocol: ProtocolName,
  wanted: (each: PlannedCell) => boolean = () => true,
): readonly TableRow[] {
  const own = source.planned.filter((each) => each.part === part && each.protocol === protocol && wanted(each));
  const groups = new Map<string, PlannedCell[]>();
  for (const each of own) {
    const key = nameOf(settingOf(each));
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const rows = [...groups.values()].map((planned) => {
    const all = planned.flatMap((each) => resultOf(source, each) ?? []);
    const failed = all.filter((each) => failureOf(source, each) !== undefined);
    const [first] = failed;
    return {
      ...{ setting: settingOf(planned[0] as PlannedCell), protocol, planned, failed },
      done: all.filter((each) => !failed.includes(each)),
      failure: first && failureOf(source, first),
    };
  });
  const results = estimates(
    source,
    own,
    rows.flatMap(({ done }) => done),
  );
  const ofFailed = estimates(
    source,
    own,
    rows.flatMap(({ failed }) => failed),
  );
  return rows.map((row) => {
    const key = nameOf(row.setting);
    const result = row.done.length > 0 ? results.get(key) : ofFailed.get(key);
    return { ...row, result: result !== undefined && result.done.length > 0 ? result : undefined };
  });
}

function estimates(
  { scores }: ReportSource,
  planned: readonly PlannedCell[],
  results: readonly CellResult[],
): ReadonlyMap<string, SettingResult> {
  const cells = new Map(
    planned.flatMap((each) => {
      const { cell } = each;
      return cell === undefined
        ? []
        : [[each, { ...cell, setting: { setting: nameOf(settingOf(each)), ...seedsOf(each) } }]];
    }),
  );
  const done = results.flatMap(({ planned: each, receipt }) => {
    const cell = cells.get(each);
    return cell === undefined ? [] : [{ cell, receipt }];
  });
  const all = settingResults([...cells.values()], done, scores);
  return new Map(all.map((each) => [each.setting['setting'] as string, each]));
}

/** What tells rows apart. */
const nameOf = (setting: Setting): string => JSON.stringify(setting);

const seedsOf = ({ fields }: PlannedCell): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name.endsWith('.seed')));
