import { existsSync, readFileSync } from 'node:fs';
import { parallelCoordinates, type ParallelAxis } from '../../plotting/parallel-coordinates.js';
import { rankedPlot } from '../../plotting/plots.js';
import { type Block, code, heading, paragraph, type ReportDocument, type Table } from '../../report/document.js';
import type { Cell } from '../cells/cell.js';
import { samplingWork, trainingsOf, trainingWork } from '../cells/cell-tasks.js';
import { isSeedAxis } from '../plan/axis.js';
import type { Plan } from '../plan/read-plan.js';
import { type ScoreName, scoreChoice } from '../plan/scores.js';
import { places, type SweepFolder } from '../running/sweep-folder.js';
import { conclusions } from './conclusions.js';
import { FALSE_ALARMS, ranked, type ScoredCell, type SettingResult, settingResults } from './estimates.js';
import { describeSetting, describeValue, fieldTitle, shortNames } from './names.js';
import { formatEstimate, formatTera } from './numbers.js';

/** Settings in a figure. */
const SHOWN = 12;
/** Settings of which pictures are shown. */
const PICTURED = 6;

/** What a report is made of. */
export interface ReportInput {
  readonly plan: Plan;
  /** The plan as it was written. */
  readonly text: string;
  readonly cells: readonly Cell[];
  readonly folder: SweepFolder;
}

/** The report of what of a plan is done. It holds no times, so that the same results give the same report. */
export function sweepReport({ plan, text, cells, folder }: ReportInput): ReportDocument {
  const done = cells.flatMap((cell): ScoredCell[] => {
    const receipt = folder.receipt(cell);
    return receipt === undefined ? [] : [{ cell, receipt }];
  });
  const results = settingResults(cells, done, plan.scores);
  const [main] = plan.scores as readonly [ScoreName];
  const order = ranked(results, main);
  return {
    title: plan.title,
    blocks: [
      paragraph(overview(cells, results, done)),
      ...(done.length === 0 ? [] : scoresOf(plan, order, folder)),
      ...failures(cells, folder),
      ...warningsOf(done),
      heading('The plan'),
      code(text.trimEnd()),
    ],
  };
}

function overview(cells: readonly Cell[], results: readonly SettingResult[], done: readonly ScoredCell[]): string {
  const trainings = trainingsOf(cells);
  const work = [...trainings.map(trainingWork), ...cells.map(samplingWork)].reduce((sum, each) => sum + each, 0);
  const conditions = done[0]?.receipt.scores.map((score) => score.conditions) ?? [];
  const { samples, reference } = conditions.find((each) => each.reference !== null) ?? conditions[0] ?? {};
  const against = reference ? ` against ${reference.count.toLocaleString('en')} real images` : '';
  const scored =
    samples === undefined ? '' : ` ${samples.toLocaleString('en')} images of each cell were scored${against}.`;
  const parts = [
    `${results.length} settings`,
    ...(cells.length > results.length ? [`with their seeds ${cells.length} cells`] : []),
    ...(trainings.length > 0 ? [`${trainings.length} trainings`] : []),
    `${formatTera(work)} TFLOP`,
  ];
  return `${parts.join(', ')}. **${done.length} of ${cells.length} cells are done.**${scored}`;
}

function scoresOf(plan: Plan, order: readonly SettingResult[], folder: SweepFolder): readonly Block[] {
  const [main] = plan.scores as readonly [ScoreName];
  return [
    heading('Best settings'),
    ...conclusions(order, plan.scores).map(paragraph),
    ...plan.scores.flatMap((name) => bestFigure(order, name)),
    ...pictures(plan, order, folder),
    heading('All settings'),
    {
      kind: 'figure',
      name: 'parallel-coordinates',
      caption: `Each line is a setting; the better by ${scoreChoice(main).title}, the bluer. The better end of each score, lower or higher values, is at the top.`,
      picture: { svg: parallelFigure(plan, order) },
    },
    settingsTable(plan, order),
    cellsTable(plan, order, folder),
    paragraph(explanation(order)),
  ];
}

function explanation(order: readonly SettingResult[]): string {
  const repeated = order.some(({ scores }) => Object.values(scores).some(({ repeats }) => repeats > 1));
  return repeated
    ? 'Behind ± is the standard error of the mean over seeds: the largest of the spread between the seeds of the setting, the same ' +
        'pooled over all settings, and the error of a single measurement, divided by the root of their number. Seeds of one training ' +
        `count as one. Settings are called clearly better where t tests say so, corrected for the number of all pairs: where settings are ` +
        `equal, any two are called different in at most ${100 * FALSE_ALARMS} % of sweeps, for each score.`
    : 'Behind ± is the standard error of a single measurement. With one seed the spread between seeds is not known, and nothing is ' +
        'called clearly better: add the axis `train.seed: { seeds: 3 }`.';
}

function bestFigure(order: readonly SettingResult[], name: ScoreName): readonly Block[] {
  const { title, better } = scoreChoice(name);
  const names = shortNames(order.map(({ setting }) => setting));
  const points = ranked(order, name).flatMap((result) => {
    const estimate = result.scores[name];
    if (estimate === undefined) return [];
    return [
      {
        name: names[order.indexOf(result)] ?? '',
        value: estimate.value,
        error: estimate.interval,
      },
    ];
  });
  const differ = points.some(({ value, error }) => value !== points[0]?.value || error > 0);
  if (!differ) return [];
  const shown = points.length > SHOWN ? `The best ${SHOWN} of ${points.length} settings` : 'All settings';
  return [
    {
      kind: 'figure',
      name: `best-${name}`,
      caption: `${shown} by ${title}, with 95 % intervals, each by itself.`,
      picture: { svg: rankedPlot(points.slice(0, SHOWN), `${title} (${better} is better)`) },
    },
  ];
}

function parallelFigure({ varied, scores }: Plan, order: readonly SettingResult[]): string {
  const fields = varied.filter((field) => !isSeedAxis({ field }));
  const ofFields = fields.map((field): ParallelAxis => ({
    title: fieldTitle(field, varied),
    values: order.map(({ setting }) => {
      const value = setting[field];
      return value === undefined || typeof value === 'number' ? value : describeValue(value);
    }),
  }));
  const ofScores = scores.map((name): ParallelAxis => {
    const { title, better } = scoreChoice(name);
    return {
      title,
      note: better,
      values: order.map((each) => each.scores[name]?.value),
      reversed: better === 'lower',
    };
  });
  const [main] = scores as readonly [ScoreName];
  return parallelCoordinates(
    [...ofFields, ...ofScores],
    order.map((each, i) => (each.scores[main] === undefined ? undefined : i)),
    order.map(({ setting }) => describeSetting(setting)),
  );
}

function settingsTable({ varied, scores }: Plan, order: readonly SettingResult[]): Table {
  const fields = varied.filter((field) => !isSeedAxis({ field }));
  return {
    kind: 'table',
    caption: `Settings, over their seeds, numbered by ${scoreChoice(scores[0] as ScoreName).title}`,
    head: ['setting', ...fields.map((field) => fieldTitle(field, varied)), 'seeds', ...scores.map(titleOf), 'TFLOP'],
    rows: order.map(({ setting, cells, done, scores: estimates }, i) => [
      String(i + 1),
      ...fields.map((field) => describeValue(setting[field])),
      done.length === cells.length ? String(cells.length) : `${done.length} of ${cells.length}`,
      ...scores.map((name) => formatEstimate(estimates[name])),
      formatTera(workOf(cells)),
    ]),
    sortable: true,
    marks: order.map((_, i) => i),
  };
}

function cellsTable({ varied, scores }: Plan, order: readonly SettingResult[], folder: SweepFolder): Table {
  const rows = order.flatMap(({ cells, done }) =>
    cells.map((cell) => {
      const receipt = done.find((each) => each.cell === cell)?.receipt;
      const failed = folder.error(cell) === undefined ? 'not done' : 'failed';
      return [
        receipt === undefined ? failed : `[${cell.key.slice(0, 8)}](${places.receipt(cell.key)})`,
        ...varied.map((field) => describeValue(cell.setting[field])),
        ...scores.map((name) => {
          const score = receipt?.scores.find(({ metric }) => metric === scoreChoice(name).metric);
          return formatEstimate(score && { value: score.value, standardError: score.standardDeviation ?? 0 });
        }),
      ];
    }),
  );
  const head = ['receipt', ...varied.map((field) => fieldTitle(field, varied)), ...scores.map(titleOf)];
  const marks = order.flatMap(({ cells }, i) => cells.map(() => i));
  return { kind: 'table', caption: 'Cells, each with its receipt', head, rows, sortable: true, marks };
}

const titleOf = (name: ScoreName): string => scoreChoice(name).title;

/** Of the cells with their trainings, which other settings may share. */
function workOf(cells: readonly Cell[]): number {
  return [...trainingsOf(cells).map(trainingWork), ...cells.map(samplingWork)].reduce((sum, each) => sum + each, 0);
}

function pictures(
  { pictures: perClass }: Plan,
  order: readonly SettingResult[],
  folder: SweepFolder,
): readonly Block[] {
  if (perClass === 0) return [];
  return order.slice(0, PICTURED).flatMap(({ setting, cells }): readonly Block[] => {
    const [first] = cells;
    const path = folder.in(places.picture(first?.key ?? '', perClass));
    if (first === undefined || !existsSync(path)) return [];
    const caption = `Samples of ${describeSetting(setting)}`;
    return [{ kind: 'figure', name: `samples-${first.key}`, caption, picture: { png: readFileSync(path) } }];
  });
}

function failures(cells: readonly Cell[], folder: SweepFolder): readonly Block[] {
  const failed = cells.flatMap((cell) => {
    const error = folder.receipt(cell) === undefined ? folder.error(cell) : undefined;
    return error === undefined ? [] : [[describeSetting(cell.setting), error]];
  });
  if (failed.length === 0) return [];
  return [
    heading('Failed cells'),
    {
      kind: 'table',
      caption: 'They are tried again when the sweep is run again.',
      head: ['cell', 'error'],
      rows: failed,
    },
  ];
}

function warningsOf(done: readonly ScoredCell[]): readonly Block[] {
  const programs = [...new Set(done.map(({ receipt }) => receipt.program))].sort();
  const mixed = programs.length > 1 ? [`The cells were scored by several versions: ${programs.join(', ')}.`] : [];
  const warnings = [...mixed, ...new Set(done.flatMap(({ receipt }) => receipt.warnings))];
  return warnings.length === 0 ? [] : [heading('Warnings of the receipts'), ...warnings.map(paragraph)];
}
