import { DENSITY_METRIC, FID_METRIC, LABEL_METRIC, mean, RECALL_METRIC } from 'ts-diffusion/evaluation';
import { cellOfFields, tableSettings } from '../planned-cells.js';
import { baseSetting, type StudyPart } from '../study.js';
import { fullChain, quirkComparisons } from './comparisons.js';
import type { Table } from '../../report/document.js';
import { publishedComparison, publishedRepeats, publishedScores } from './published.js';
import {
  type CellResult,
  formatted,
  frechetOf,
  inceptionOf,
  number,
  percent,
  protocolResult,
  resultOf,
  scoreOf,
} from './results.js';
import type { ReportSource } from './report-source.js';

/** Table 1: the spread of the score over repeated sampling of one model. */
export function repeatTable(source: ReportSource): Table {
  const { protocols } = source.study;
  const settings = tableSettings(source.planned, 'table1');
  const columns = protocols.map((protocol) =>
    settings.map((setting) => frechetOf(protocolResult(source, protocol, setting))),
  );
  const spread = (values: readonly number[]): string =>
    values.length < 2 ? '–' : `**${number(mean(values))} ± ${Number(sampleDeviation(values).toPrecision(2))}**`;
  return {
    kind: 'table',
    caption: 'The distance of one model (linear, T = 1000, ω = 0.2) over several sampling seeds',
    head: ['seed', ...protocols.map((protocol) => `Fréchet distance, ${protocol}`), "the paper's FID"],
    rows: [
      ...settings.map(({ seed }, row) => [
        String(seed),
        ...columns.map((column) => formatted(column[row] ?? null)),
        publishedRepeats[row]?.toFixed(2) ?? '–',
      ]),
      [
        '**mean ± standard deviation**',
        ...columns.map((column) => spread(column.flatMap((score) => (score ? [score.value] : [])))),
        spread(publishedRepeats),
      ],
    ],
  };
}

/** Table 2: schedules and T. */
export function trainingTable(source: ReportSource): Table {
  return settingsTable(source, 'Labels, recall and density are those of the first protocol', 'table2');
}

/** Table 3: guidance weights. */
export function guidanceTable(source: ReportSource): Table {
  return settingsTable(
    source,
    'One model (linear, T = 1000); labels, recall and density are those of the first protocol',
    'table3',
  );
}

/** Table 4: published numbers, and which of them compare. */
export function comparisonTable(source: ReportSource): Table {
  const best = protocolResult(source, 'corrected', baseSetting);
  const fid = scoreOf(best, FID_METRIC);
  return {
    kind: 'table',
    caption: 'Published numbers on MNIST, and which of them are comparable',
    head: ['model', 'FID', 'comparable with ours?'],
    rows: [
      ...publishedComparison.map(({ model, fid: published, comparable }) => [model, published, comparable]),
      [
        'this program, corrected protocol',
        fid ? formatted(fid) : 'not measured',
        fid
          ? `with pytorch-fid of ${best?.receipt.images.count ?? 0} images against the same test digits`
          : `only with this report: its distance, ${formatted(frechetOf(best))}, is over features of a digit classifier and not FID`,
      ],
    ],
  };
}

/** What each quirk of the published program costs by itself. */
export function quirkTable(source: ReportSource): Table {
  return {
    kind: 'table',
    caption: 'Cost of each deviation of the published program, measured separately against the corrected protocol',
    head: ['deviation', 'distance without', 'with', 'cost', 'Inception score without', 'with', 'cost'],
    rows: quirkComparisons.map(({ name, without: fieldsWithout, with: fieldsWith }) => {
      const [without, with_] = [fieldsWithout, fieldsWith].map((fields) =>
        resultOf(source, cellOfFields(source.planned, 'quirks', fields)),
      ) as [CellResult | null, CellResult | null];
      const cost = (score: typeof frechetOf): string => {
        const [a, b] = [score(without), score(with_)];
        return a && b ? signed(b.value - a.value) : '–';
      };
      return [
        name,
        ...[frechetOf, inceptionOf].flatMap((score) => [
          formatted(score(without)),
          formatted(score(with_)),
          cost(score),
        ]),
      ];
    }),
  };
}

/** Whether the fast sampler draws what the full chain draws. */
export function chainTable(source: ReportSource): Table {
  const { budget } = source.study;
  const row = (name: string, steps: number, fields: object): string[] => {
    const planned = cellOfFields(source.planned, 'full-chain', { ...fields });
    const result = resultOf(source, planned);
    return [
      name,
      String(steps),
      String(budget.fullChain),
      formatted(frechetOf(result)),
      formatted(inceptionOf(result)),
      percent(scoreOf(result, LABEL_METRIC)),
    ];
  };
  return {
    kind: 'table',
    caption:
      'The sampler of the tables and the full chain: same model (linear, T = 1000, ω = 0.2), same number of images',
    head: ['sampler', 'steps', 'images', 'Fréchet distance', 'Inception score', 'labels recognised'],
    rows: [row(budget.sampler, budget.samplingSteps, {}), row('ddpm (Algorithm 2)', baseSetting.timesteps, fullChain)],
  };
}

function settingsTable(source: ReportSource, caption: string, part: StudyPart): Table {
  const { protocols } = source.study;
  const settings = tableSettings(source.planned, part);
  return {
    kind: 'table',
    caption,
    head: [
      ...['T', 'schedule', 'ω'],
      ...protocols.flatMap((protocol) => [`distance, ${protocol}`, `Inception score, ${protocol}`]),
      ...['labels recognised', 'recall', 'density', "the paper's FID", "the paper's IS"],
    ],
    rows: settings.map((setting) => {
      const { schedule, timesteps, omega } = setting;
      const results = protocols.map((protocol) => protocolResult(source, protocol, setting));
      const [first = null] = results;
      const published = publishedScores.find(
        (each) => each.schedule === schedule && each.timesteps === timesteps && each.omega === omega,
      );
      return [
        ...[String(timesteps), schedule, String(omega)],
        ...results.flatMap((result) => [formatted(frechetOf(result)), formatted(inceptionOf(result))]),
        ...[LABEL_METRIC, RECALL_METRIC].map((metric) => percent(scoreOf(first, metric))),
        formatted(scoreOf(first, DENSITY_METRIC)),
        ...[published?.fid.toFixed(2) ?? '–', published?.inceptionScore.toFixed(2) ?? '–'],
      ];
    }),
  };
}

const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${number(Math.abs(value))}`;

/** With division by n - 1, as the paper's Table 1 takes it. */
function sampleDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
