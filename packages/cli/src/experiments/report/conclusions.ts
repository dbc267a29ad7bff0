import { NEAR_COPIES_METRIC, type Score } from 'ts-diffusion/evaluation';
import {
  baseSetting,
  chainComparison,
  guidanceSettings,
  repeatSettings,
  trainingSettings,
  type Setting,
} from '../plan.js';
import { formatted, frechetOf, inceptionOf, number, protocolResult, resultOf, scoreOf } from './results.js';
import type { ReportSource } from './report-source.js';

/** Two values this many standard errors apart are called different. */
const CLEARLY_APART = 2;

interface Candidate {
  readonly name: string;
  readonly score: Score;
}

/** What the numbers of a report say, in sentences: only what is clear beyond the error bars is called so. */
export function conclusions(source: ReportSource): string[] {
  const nameOf = ({ schedule, timesteps }: Setting): string => `${schedule}, T = ${timesteps}`;
  return source.study.protocols
    .flatMap((protocol) => {
      const candidates = (settings: readonly Setting[], name: (setting: Setting) => string, score: typeof frechetOf) =>
        settings.flatMap((setting): Candidate[] => {
          const value = score(protocolResult(source, protocol, setting));
          return value ? [{ name: name(setting), score: value }] : [];
        });
      const omegaOf = ({ omega }: Setting): string => `ω = ${omega}`;
      return [
        best(`Schedule and T (${protocol}), by Fréchet distance`, candidates(trainingSettings, nameOf, frechetOf)),
        best(`Schedule and T (${protocol}), by Inception score`, candidates(trainingSettings, nameOf, inceptionOf)),
        best(`Guidance weight (${protocol}), by Fréchet distance`, candidates(guidanceSettings, omegaOf, frechetOf)),
        best(`Guidance weight (${protocol}), by Inception score`, candidates(guidanceSettings, omegaOf, inceptionOf)),
      ];
    })
    .concat([repeatSentence(source), chainSentence(source), copiesSentence(source)])
    .filter((sentence) => sentence !== '');
}

/** The best of some candidates, and whether it is clearly better than each other one. */
function best(question: string, candidates: readonly Candidate[]): string {
  if (candidates.length < 2) return '';
  const sign = candidates[0]?.score.better === 'lower' ? 1 : -1;
  const [first, ...others] = [...candidates].sort((a, b) => sign * (a.score.value - b.score.value));
  if (!first) return '';
  const unclear = others.filter((other) => !clearlyApart(first.score, other.score)).map(({ name }) => name);
  const verdict =
    unclear.length === 0
      ? 'clearly better than all others'
      : `not clearly better than ${unclear.join(' and ')} (within ${CLEARLY_APART} standard errors)`;
  return `**${question}:** ${first.name} is best with ${formatted(first.score)}, ${verdict}.`;
}

function clearlyApart(a: Score, b: Score): boolean {
  const error = Math.hypot(a.standardDeviation ?? 0, b.standardDeviation ?? 0);
  return Math.abs(a.value - b.value) > CLEARLY_APART * error;
}

function repeatSentence(source: ReportSource): string {
  const scores = repeatSettings(source.study.budget).flatMap((setting) => {
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
  const { fast, full } = chainComparison(source.study.budget);
  const [a, b] = [frechetOf(resultOf(source, fast)), frechetOf(resultOf(source, full))];
  if (!a || !b) return '';
  const verdict = clearlyApart(a, b) ? 'they differ clearly' : 'they agree within their errors';
  return (
    `**Sampler:** with ${fast.count} images each, ${source.study.budget.sampler} in ${source.study.budget.samplingSteps} steps has a distance ` +
    `of ${formatted(a)}, and the full chain ${formatted(b)}: ${verdict}.`
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
