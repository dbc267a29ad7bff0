import { NEAR_COPIES_METRIC } from 'ts-diffusion/evaluation';
import { conclusions as sweepConclusions } from '../../sweep/report/conclusions.js';
import { ranked, settingResults } from '../../sweep/report/estimates.js';
import { cellOfFields, type PlannedCell, settingOf, tableSettings } from '../planned-cells.js';
import { baseSetting, type ProtocolName, type Setting, type StudyPart } from '../study.js';
import { fullChain } from './comparisons.js';
import { formatted, frechetOf, number, protocolResult, resultOf, scoreOf } from './results.js';
import type { ReportSource } from './report-source.js';

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

/** What the numbers of a report say, in sentences: only what is clear over seeds is called so. */
export function conclusions(source: ReportSource): string[] {
  return [
    ...source.study.protocols.flatMap((protocol) => questions.flatMap((each) => answers(source, protocol, each))),
    repeatSentence(source),
    chainSentence(source),
    copiesSentence(source),
  ].filter((sentence) => sentence !== '');
}

/** The best setting of a table by distance and by Inception score, and whether it is clearly better than each other one. */
function answers(
  { planned, folder }: ReportSource,
  protocol: ProtocolName,
  { part, title, nameOf }: Question,
): string[] {
  const scores = ['frechet', 'inception'] as const;
  const cells = planned
    .filter((each) => each.part === part && each.protocol === protocol)
    .map((each) => ({ ...each.cell, setting: { [title]: nameOf(settingOf(each)), ...seedsOf(each) } }));
  const done = cells.flatMap((cell) => {
    const receipt = folder.receipt(cell);
    return receipt === undefined ? [] : [{ cell, receipt }];
  });
  const results = settingResults(cells, done, scores);
  return sweepConclusions(ranked(results, 'frechet'), scores).map(
    (sentence) => `**${title} (${protocol}).** ${sentence.replaceAll(`${title} `, '')}`,
  );
}

const seedsOf = ({ fields }: PlannedCell): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name.endsWith('.seed')));

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

function chainSentence(source: ReportSource): string {
  const { fullChain: images, sampler, samplingSteps } = source.study.budget;
  const [fast, full] = [{}, fullChain].map((fields) =>
    frechetOf(resultOf(source, cellOfFields(source.planned, 'full-chain', fields))),
  );
  if (!fast || !full) return '';
  const error = Math.hypot(fast.standardDeviation ?? 0, full.standardDeviation ?? 0);
  const apart =
    error > 0 ? `: ${number(Math.abs(fast.value - full.value) / error)} standard errors of measuring apart` : '';
  return (
    `**Sampler:** with ${images} images each of one model, ${sampler} in ${samplingSteps} steps has a distance ` +
    `of ${formatted(fast)}, and the full chain ${formatted(full)}${apart}.`
  );
}

function copiesSentence(source: ReportSource): string {
  const score = scoreOf(protocolResult(source, 'corrected', baseSetting), NEAR_COPIES_METRIC);
  if (!score) return '';
  return (
    `**Memorisation:** ${number(100 * score.value)} % of the samples are as close to a training image as the closest 1 % of held-out real ` +
    `digits; a model that copies training images would have far more than 1 %.`
  );
}
