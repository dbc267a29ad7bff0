import type { Cell } from '../../sweep/cells/cell.js';
import { resolveSettings } from '../../sweep/cells/resolve-cells.js';
import type { Plan } from '../../sweep/plan/read-plan.js';
import type { Setting as Fields } from '../../sweep/plan/settings.js';
import { plannedSettings, type PlannedCell } from '../planned-cells.js';
import type { PartPlan } from '../study-plans.js';
import { keptName, trainingOfFields } from './kept-name.js';
import type { KeptModel, KeptModels } from './kept-models.js';

/** The cells of a study that are drawn from kept models. */
export interface KeptCells {
  readonly planned: readonly PlannedCell[];
  readonly models: readonly KeptModel[];
  /** Names of models that are not there. */
  readonly missing: readonly string[];
}

/**
 * Finds out which cell each setting of the plans of a study comes to when kept models are in the place of trainings.
 *
 * @param plan all plans as one
 * @param placeOf the path of a model as commands of cells name it
 * @throws as `resolveSettings`; ConfigError as `KeptModels.of`
 */
export async function keptCells(
  plans: readonly PartPlan[],
  plan: Plan,
  kept: KeptModels,
  placeOf: (model: KeptModel) => string,
  signal: AbortSignal,
): Promise<KeptCells> {
  const settings = plannedSettings(plans);
  const models = settings.map(({ fields }) => kept.of(trainingOfFields(fields)));
  const cells = new Map<number, Cell>();
  const present = [...new Set(models)].filter((model) => model !== undefined);
  for (const model of present) {
    const rows = models.flatMap((each, i) => (each === model ? [i] : []));
    const resolved = await resolveSettings(ofModel(plan, model, rows), signal);
    rows.forEach((row, i) => {
      const cell = resolved[i] as Cell;
      cells.set(row, {
        ...cell,
        setting: plan.settings[row] as Fields,
        model: { ...cell.model, kind: 'model', model: placeOf(model) } as Cell['model'],
      });
    });
  }
  const missing = settings.flatMap(({ fields }, i) => (cells.has(i) ? [] : [keptName(trainingOfFields(fields))]));
  return {
    planned: settings.map((each, i) => ({ ...each, cell: cells.get(i) })),
    models: present,
    missing: [...new Set(missing)],
  };
}

/** Some settings of a plan, of a model in the place of its trainings. */
function ofModel(plan: Plan, { path }: KeptModel, rows: readonly number[]): Plan {
  return {
    ...plan,
    base: { model: path },
    fixed: withoutTraining(plan.fixed),
    varied: plan.varied.filter((field) => !isOfTraining(field)),
    settings: rows.map((row) => withoutTraining(plan.settings[row] as Fields)),
  };
}

const isOfTraining = (field: string): boolean => field.startsWith('train.');

const withoutTraining = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !isOfTraining(field)));
