import { mean } from 'ts-diffusion/evaluation';
import { sumOfSquares } from '../../statistics/sum-of-squares.js';
import { type ScoreName, scoreChoice } from '../../sweep/plan/scores.js';
import { cellOfFields, tableSettings } from '../planned-cells.js';
import { baseSetting, type ProtocolName, type StudyPart } from '../study.js';
import { chainNote, type ChainPair } from './chain-pairs.js';
import { quirkComparisons } from './comparisons.js';
import { failureOf } from './failures.js';
import { type Paragraph, paragraph, type Table } from '../../report/document.js';
import { publishedComparison, publishedRepeats, publishedScores } from './published.js';
import {
  type CellResult,
  fidOf,
  formatted,
  frechetOf,
  inceptionOf,
  number,
  protocolResult,
  resultOf,
} from './results.js';
import { rowScore } from './row-score.js';
import type { ReportSource } from './report-source.js';
import { hasFailed, tableRows, type TableRow } from './table-rows.js';

/** Scores of the first table of some settings; all others are in the second one. */
const MAIN_SCORES: readonly ScoreName[] = ['frechet', 'inception', 'labels', 'fid'];

/** What a Fréchet distance of a study is of: the classifier's features, and with the Inception weights also FID. */
function distancesOf({ scores }: ReportSource): readonly { readonly title: string; readonly of: typeof frechetOf }[] {
  const own = { title: 'Fréchet distance', of: frechetOf };
  return scores.includes('fid') ? [own, { title: 'FID', of: fidOf }] : [own];
}

/** Table 1: the spread of the score over repeated sampling of one model. */
export function repeatTable(source: ReportSource): Table {
  const settings = tableSettings(source.planned, 'table1');
  const columns = source.study.protocols.flatMap((protocol) =>
    distancesOf(source).map(({ title, of }) => ({
      title: `${title}, ${protocol}`,
      results: settings.map((setting) => protocolResult(source, protocol, setting)),
      of,
    })),
  );
  const spread = (values: readonly number[]): string =>
    values.length < 2 ? '–' : `**${number(mean(values))} ± ${Number(sampleDeviation(values).toPrecision(2))}**`;
  return {
    kind: 'table',
    caption: 'The distance of one model (linear, T = 1000, ω = 0.2) over several sampling seeds',
    head: ['seed', ...columns.map(({ title }) => title), "the paper's FID"],
    rows: [
      ...settings.map(({ seed }, row) => [
        String(seed),
        ...columns.map(({ results, of }) => marked(source, results[row] ?? null, formatted(of(results[row] ?? null)))),
        publishedRepeats[row]?.toFixed(2) ?? '–',
      ]),
      [
        '**mean ± standard deviation**',
        ...columns.map(({ results, of }) => spread(results.flatMap((result) => of(result)?.value ?? []))),
        spread(publishedRepeats),
      ],
    ],
  };
}

/** A table with its cells: main scores, and beside them what the paper has; notes on single rows are below it. */
export function settingsTable(
  source: ReportSource,
  part: StudyPart,
  caption: string,
  chains: readonly ChainPair[] = [],
): readonly [Table, ...Paragraph[]] {
  const scores = source.scores.filter((name) => MAIN_SCORES.includes(name));
  const rows = rowsOf(source, part);
  const noted = rows.map((row) => ({ row, note: noteOf(row, chains) }));
  const notes = noted.filter(({ note }) => note !== '');
  const markOf = (row: TableRow): string => {
    const number = notes.findIndex((each) => each.row === row) + 1;
    return number === 0 ? '' : `${row.failure === undefined ? '' : '**failed**, '}note ${number}`;
  };
  const table: Table = {
    kind: 'table',
    caption,
    head: [
      ...['model', 'ω', 'protocol', 'trainings'],
      ...scores.map((name) => (name === 'frechet' ? 'Fréchet distance (times the floor)' : scoreChoice(name).title)),
      ...["the paper's FID", "the paper's IS"],
      ...(notes.length > 0 ? ['note'] : []),
    ],
    rows: rows.map((row) => {
      const { schedule, timesteps, omega } = row.setting;
      const published = publishedScores.find(
        (each) => each.schedule === schedule && each.timesteps === timesteps && each.omega === omega,
      );
      return [
        ...nameCells(row),
        trainingsOfRow(row),
        ...scores.map((name) => rowScore(row, name)),
        ...[published?.fid.toFixed(2) ?? '–', published?.inceptionScore.toFixed(2) ?? '–'],
        ...(notes.length > 0 ? [markOf(row)] : []),
      ];
    }),
  };
  return [
    table,
    ...notes.map(({ row, note }, i) => {
      const [model, omega, protocol] = nameCells(row);
      return paragraph(`**Note ${i + 1}** (${model}, ω = ${omega}, ${protocol}): ${note}`);
    }),
  ];
}

/** The other scores of the same cells. */
export function judgesTable(source: ReportSource, part: StudyPart, caption: string): Table {
  const scores = source.scores.filter((name) => !MAIN_SCORES.includes(name));
  return {
    kind: 'table',
    caption,
    head: [
      ...['model', 'ω', 'protocol'],
      ...scores.map((name) => `${scoreChoice(name).title} (${scoreChoice(name).better} is better)`),
    ],
    rows: rowsOf(source, part).map((row) => [
      ...nameCells(row),
      ...scores.map((name, i) => (hasFailed(row) && i === 0 ? '**failed**: ' : '') + rowScore(row, name)),
    ]),
  };
}

const rowsOf = (source: ReportSource, part: StudyPart): readonly TableRow[] =>
  source.study.protocols.flatMap((protocol) => tableRows(source, part, protocol));

const nameCells = ({ setting, protocol }: TableRow): readonly [string, string, string] => [
  `${setting.schedule}, T = ${setting.timesteps}`,
  String(setting.omega),
  protocol,
];

/** How many trainings a row is of, and that one does not say how trainings differ. */
function trainingsOfRow({ planned, done, failed }: TableRow): string {
  const scored = done.length + failed.length;
  const count = scored === planned.length ? String(scored) : `${scored} of ${planned.length}`;
  return scored === 1 ? `${count} (spread unknown)` : count;
}

function noteOf(row: TableRow, chains: readonly ChainPair[]): string {
  const { failure, done, failed } = row;
  const which = done.length === 0 ? 'failed' : `${failed.length} of ${done.length + failed.length} failed and left out`;
  const parts = [
    ...(failure === undefined ? [] : [`${which}: ${failure}`]),
    ...chains.filter((pair) => isOf(pair, row)).flatMap((pair) => chainNote(pair) ?? []),
  ];
  return parts.join(' ');
}

const isOf = ({ fast }: ChainPair, { setting, protocol }: TableRow): boolean =>
  fast.protocol === protocol && JSON.stringify(fast.setting) === JSON.stringify(setting);

/** A text with the mark that its cell failed. */
const marked = (source: ReportSource, result: CellResult | null, text: string): string =>
  result !== null && failureOf(source, result) !== undefined ? `**failed**: ${text}` : text;

/** Table 4: published numbers, and which of them compare. */
export function comparisonTable(source: ReportSource): Table {
  return {
    kind: 'table',
    caption: 'Published numbers on MNIST, and which of them are comparable',
    head: ['model', 'FID', 'comparable with ours?'],
    rows: [
      ...publishedComparison.map(({ model, fid, comparable }) => [model, fid, comparable]),
      ...source.study.protocols.map((protocol) =>
        ownComparison(source, protocol, protocolResult(source, protocol, baseSetting)),
      ),
    ],
  };
}

/** The base setting of a protocol beside published models. */
function ownComparison(source: ReportSource, protocol: ProtocolName, result: CellResult | null): readonly string[] {
  const fid = fidOf(result);
  const name = `this program, linear, T = 1000, protocol ${protocol}`;
  if (!fid) {
    const distance = formatted(frechetOf(result));
    return [
      name,
      'not measured',
      `only with this report: its distance, ${distance}, is over features of a digit classifier and not FID`,
    ];
  }
  const clamped = protocol === 'paper' ? ', with the dark half of the samples clamped to black as by the paper' : '';
  return [
    name,
    marked(source, result, formatted(fid)),
    `with pytorch-fid of ${result?.receipt.images.count ?? 0} images against the same test digits${clamped}`,
  ];
}

/** What each quirk of the published program costs by itself. */
export function quirkTable(source: ReportSource): Table {
  const scores = [
    ...distancesOf(source).map(({ title, of }) => ({ title: title === 'FID' ? title : 'distance', of })),
    { title: 'Inception score', of: inceptionOf },
  ];
  return {
    kind: 'table',
    caption: 'Cost of each deviation of the published program, measured separately against the corrected protocol',
    head: ['deviation', ...scores.flatMap(({ title }) => [`${title} without`, 'with', 'cost'])],
    rows: quirkComparisons.map(({ name, without: fieldsWithout, with: fieldsWith }) => {
      const [without, with_] = [fieldsWithout, fieldsWith].map((fields) =>
        resultOf(source, cellOfFields(source.planned, 'quirks', fields)),
      ) as [CellResult | null, CellResult | null];
      const cost = (of: typeof frechetOf): string => {
        const [a, b] = [of(without), of(with_)];
        return a && b ? signed(b.value - a.value) : '–';
      };
      return [
        name,
        ...scores.flatMap(({ of }) => [
          marked(source, without, formatted(of(without))),
          marked(source, with_, formatted(of(with_))),
          cost(of),
        ]),
      ];
    }),
  };
}

/** Whether the fast sampler draws what the full chain draws. */
export function chainTable(source: ReportSource, pairs: readonly ChainPair[]): Table {
  const { fullChain, sampler, samplingSteps } = source.study.budget;
  const scores = (['frechet', 'fid', 'inception', 'labels'] as const).filter((name) => source.scores.includes(name));
  return {
    kind: 'table',
    caption:
      `The sampler of the tables (${sampler}, ${samplingSteps} steps) and the full chain (ddpm, all T steps: Algorithm 2), of the same ` +
      `weights, ${fullChain} images each, ω = ${baseSetting.omega}; ± is the error of measuring where a model has one training`,
    head: [
      ...['model', 'protocol'],
      ...scores.flatMap((name) => [`${scoreChoice(name).title}, ${samplingSteps} steps`, 'full chain']),
      'verdict',
    ],
    rows: pairs.map(({ fast, chain, verdict }) => [
      `${fast.setting.schedule}, T = ${fast.setting.timesteps}`,
      fast.protocol,
      ...scores.flatMap((name) =>
        [fast, chain].map((row) => (hasFailed(row) ? '**failed**: ' : '') + rowScore(row, name)),
      ),
      verdict,
    ]),
  };
}

const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${number(Math.abs(value))}`;

/** With division by n - 1, as the paper's Table 1 takes it. */
const sampleDeviation = (values: readonly number[]): number => Math.sqrt(sumOfSquares(values) / (values.length - 1));
