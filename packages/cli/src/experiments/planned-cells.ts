import type { Cell } from '../sweep/cells/cell.js';
import { resolveSettings } from '../sweep/cells/resolve-cells.js';
import type { Plan } from '../sweep/plan/read-plan.js';
import type { Setting as Fields } from '../sweep/plan/settings.js';
import { type Setting, baseSetting, type ProtocolName, type StudyPart } from './study.js';
import type { PartPlan } from './study-plans.js';

/** A cell of a study in one of its tables; several tables may show the same. */
export interface PlannedCell {
  readonly part: StudyPart;
  readonly protocol: ProtocolName;
  /** All that its plan says of it. */
  readonly fields: Fields;
  /** What its plan varies. */
  readonly varied: Fields;
  /** Undefined where it is to be drawn from a kept model that is missing. */
  readonly cell: Cell | undefined;
}

/**
 * Finds out which cell each setting of the plans of a study comes to.
 *
 * @param plan all plans as one
 * @throws as `resolveCells`
 */
export async function plannedCells(
  plans: readonly PartPlan[],
  plan: Plan,
  signal: AbortSignal,
): Promise<readonly PlannedCell[]> {
  const cells = await resolveSettings(plan, signal);
  return plannedSettings(plans).map((each, i) => ({ ...each, cell: cells[i] }));
}

/** The settings of all plans of a study, in the order of its joined plan. */
export const plannedSettings = (plans: readonly PartPlan[]): readonly Omit<PlannedCell, 'cell'>[] =>
  plans.flatMap(({ part, protocol, plan }) =>
    plan.settings.map((varied) => ({ part, protocol, fields: { ...plan.fixed, ...varied }, varied })),
  );

/** The cells, each once. */
export const cellsOf = (planned: readonly PlannedCell[]): readonly Cell[] => [
  ...new Map(planned.flatMap(({ cell }) => (cell === undefined ? [] : [[cell.key, cell] as const]))).values(),
];

/** The setting of a cell of a table. */
export const settingOf = ({ fields }: PlannedCell): Setting => ({
  schedule: fields['train.schedule'] as string,
  timesteps: fields['train.timesteps'] as number,
  omega: fields['sample.guidanceWeight'] as number,
  seed: fields['sample.seed'] as number,
});

/** The settings of a table, in its order, whichever protocols are there. */
export function tableSettings(planned: readonly PlannedCell[], part: StudyPart): readonly Setting[] {
  const all = planned.filter((each) => each.part === part).map(settingOf);
  return all.filter((setting, i) => all.findIndex((other) => isSame(setting, other)) === i);
}

/** The cell of a setting under a protocol, where a table has it. */
export function cellOfSetting(
  planned: readonly PlannedCell[],
  protocol: ProtocolName,
  setting: Setting,
): PlannedCell | undefined {
  return planned.find(
    (each) =>
      each.protocol === protocol &&
      // The plan of the deviations begins with the base.
      (each.part.startsWith('table') || (each.part === 'quirks' && Object.keys(each.varied).length === 0)) &&
      isSame(settingOf(each), setting),
  );
}

/** The cell of the paper's best setting without deviations. */
export const baseCell = (planned: readonly PlannedCell[]): PlannedCell | undefined =>
  cellOfSetting(planned, 'corrected', baseSetting);

/** The cell of a part in which exactly these fields are varied. */
export function cellOfFields(
  planned: readonly PlannedCell[],
  part: StudyPart,
  varied: Fields,
): PlannedCell | undefined {
  const text = (fields: Fields): string => JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  return planned.find((each) => each.part === part && text(each.varied) === text(varied));
}

const isSame = (a: Setting, b: Setting): boolean =>
  a.schedule === b.schedule && a.timesteps === b.timesteps && a.omega === b.omega && a.seed === b.seed;
