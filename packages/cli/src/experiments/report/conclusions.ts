import { NEAR_COPIES_METRIC } from 'ts-diffusion/evaluation';
import { type ScoreName, scoreChoice } from '../../sweep/plan/scores.js';
import { conclusions as sweepConclusions } from '../../sweep/report/conclusions.js';
import { comparer, ranked, type SettingResult } from '../../sweep/report/estimates.js';
import { tableSettings } from '../planned-cells.js';
import { baseSetting, type ProtocolName, type Setting, type StudyPart } from '../study.js';
import type { ChainPair } from './chain-pairs.js';
import { CLEAR, differenceOf } from './differences.js';
import type { ReportSource } from './report-source.js';
import { frechetOf, number, protocolResult, rowScore, scoreOf } from './results.js';
import { hasFailed, tableRows } from './table-rows.js';

/** What is asked of a table, and what its settings are called. */
interface Question {
  readonly part: StudyPart;
  readonly title: string;
  readonly nameOf: (setting: Setting) => string;
}

const questions: readonly Question[] = [
  {
    part: 'table2',
    title: 'Schedule and T',
    nameOf: ({ schedule, timesteps }) => `${schedule}, T = ${timesteps}`,
  },
  { part: 'table3', title: 'Guidance weight', nameOf: ({ omega }) => `ω = ${omega}` },
];

/** What the numbers of a report say, in sentences: only what is clear over training seeds is called so. */
export function conclusions(source: ReportSource, chains: readonly ChainPair[]): string[] {
  return [
    ...source.study.protocols.flatMap((protocol) =>
      questions.flatMap((each) => [
        ...answers(source, protocol, each),
        ...(each.part === 'table2' ? chainAnswer(protocol, each, chains) : []),
      ]),
    ),
    repeatSentence(source),
    chainSentence(source, chains),
    copiesSentence(source),
  ].filter((sentence) => sentence !== '');
}

/** The best setting of a table by distance and by Inception score, and whether it is clearly better than each other one. */
function answers(source: ReportSource, protocol: ProtocolName, { part, title, nameOf }: Question): readonly string[] {
  const scores = ['frechet', 'inception'] as const;
  const rows = tableRows(source, part, protocol);
  const results = rows.flatMap((row): SettingResult[] => {
    if (row.result === undefined || hasFailed(row)) return [];
    return [{ ...row.result, setting: { [title]: nameOf(row.setting) } }];
  });
  const failed = rows.filter(hasFailed).map(({ setting }) => nameOf(setting));
  const sentences = scores.flatMap((name) =>
    sweepConclusions(ranked(results, 'frechet'), [name], clearOverTrainings).map(
      (sentence) => sentence.replaceAll(`${title} `, '') + distances(ranked(results, name), title, name),
    ),
  );
  const leftOut = failed.length === 0 ? [] : [`Left out, since they failed: ${failed.join('; ')}.`];
  return [...sentences, ...leftOut].map((sentence) => `**${title} (${protocol}).** ${sentence}`);
}

/** Called clearly better: by the t tests of sweeps, and beyond two standard errors that include the spread over trainings. */
const clearOverTrainings: typeof comparer = (results, name) => {
  const compare = comparer(results, name);
  return (a, b) => {
    const answer = compare(a, b);
    const difference = differenceOf({ result: a }, { result: b }, name);
    const isClear = difference !== undefined && Math.abs(difference.standardErrors) > CLEAR && difference.overTrainings;
    return answer === 'clearly better' && !isClear ? 'not clearly better' : answer;
  };
};

/** How far the others are from the best, where trainings were repeated. */
function distances(order: readonly SettingResult[], title: string, name: ScoreName): string {
  const [best, ...others] = order;
  const apart = others.flatMap((other) => {
    const difference = differenceOf({ result: best }, { result: other }, name);
    if (difference?.overTrainings !== true || difference.value === 0) return [];
    return [`${other.setting[title] as string}: ${Math.abs(difference.standardErrors).toFixed(1)}`];
  });
  return apart.length === 0 ? '' : ` Standard errors from the best: ${apart.join('; ')}.`;
}

/** The order of the models by the full chain, where it decides about one of them. */
function chainAnswer(protocol: ProtocolName, { title, nameOf }: Question, chains: readonly ChainPair[]): string[] {
  const own = chains.filter(
    ({ chain }) => chain.protocol === protocol && chain.result !== undefined && !hasFailed(chain),
  );
  const deciding = own.filter(({ decides }) => decides).map(({ chain }) => nameOf(chain.setting));
  if (deciding.length === 0 || own.length < 2) return [];
  const count = own[0]?.chain.planned[0]?.cell?.evaluation.count ?? 0;
  const orders = (['frechet', 'inception'] as const).map((name) => {
    const sign = scoreChoice(name).better === 'lower' ? 1 : -1;
    const valueOf = ({ chain }: ChainPair): number => sign * (chain.result?.scores[name]?.value ?? Infinity);
    const order = [...own].sort((a, b) => valueOf(a) - valueOf(b));
    return `By ${scoreChoice(name).title}: ${order.map(({ chain }) => `${nameOf(chain.setting)} ${rowScore(chain, name)}`).join('; ')}`;
  });
  return [
    `**${title} (${protocol}), by the full chain.** It decides about ${deciding.join('; ')}. Best first, of ${count} images of each model. ` +
      `${orders.join('. ')}. Where a model has one training, ± is the error of measuring, and how trainings differ is not known.`,
  ];
}

function repeatSentence(source: ReportSource): string {
  const scores = tableSettings(source.planned, 'table1').flatMap((setting) => {
    const score = frechetOf(protocolResult(source, 'corrected', setting));
    return score ? [score] : [];
  });
  const values = scores.map(({ value }) => value);
  if (values.length < 2) return '';
  const bootstrap = scores.map(({ standardDeviation = 0 }) => standardDeviation);
  const largest = Math.max(...bootstrap);
  const range = Math.max(...values) - Math.min(...values);
  return (
    `**Spread of the score:** over ${values.length} seeds the distance of one model varies by ${number(range)}; the bootstrap standard ` +
    `error of a single distance is at most ${number(largest)}.`
  );
}

function chainSentence({ study }: ReportSource, chains: readonly ChainPair[]): string {
  const { fullChain: images, sampler, samplingSteps } = study.budget;
  const done = chains.filter(({ fast, chain }) => fast.result !== undefined && chain.result !== undefined);
  if (done.length === 0) return '';
  const told = done.map(
    ({ fast, verdict }) => `${fast.setting.schedule}, T = ${fast.setting.timesteps} (${fast.protocol}): ${verdict}`,
  );
  return `**Sampler.** ${sampler} in ${samplingSteps} steps beside the full chain, ${images} images each: ${told.join('; ')}.`;
}

function copiesSentence(source: ReportSource): string {
  const score = scoreOf(protocolResult(source, 'corrected', baseSetting), NEAR_COPIES_METRIC);
  if (!score) return '';
  return (
    `**Memorisation:** ${number(100 * score.value)} % of the samples are as close to a training image as the closest 1 % of held-out real ` +
    `digits; a model that copies training images would have far more than 1 %.`
  );
}
