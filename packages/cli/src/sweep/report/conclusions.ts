import { type ScoreName, scoreChoice } from '../plan/scores.js';
import { comparer, type Comparison, ranked, type SettingResult } from './estimates.js';
import { shortNames } from './names.js';
import { formatEstimate } from './numbers.js';

/** Names of settings in a sentence. */
const NAMED = 5;

/**
 * What the numbers say, a sentence for each score.
 *
 * @param results in the order of the table
 * @param compareBy what calls a setting clearly better than another
 */
export function conclusions(
  results: readonly SettingResult[],
  names: readonly ScoreName[],
  compareBy: typeof comparer = comparer,
): readonly string[] {
  const short = shortNames(results.map(({ setting }) => setting));
  const nameOf = (result: SettingResult): string => short[results.indexOf(result)] ?? '';
  return names.flatMap((name) => {
    const scored = ranked(results, name).filter(({ scores }) => scores[name] !== undefined);
    const [best, ...others] = scored;
    if (best === undefined || others.length === 0) return [];
    const estimate = best.scores[name];
    const { title, better } = scoreChoice(name);
    if (others.every((other) => other.scores[name]?.value === estimate?.value)) {
      return [`**By ${title}** all settings are equal, ${formatEstimate(estimate)}.`];
    }
    return [
      `**By ${title}** (${better} is better) the best is ${nameOf(best)}, ${formatEstimate(estimate)}. ` +
        verdict(best, others, compareBy(results, name), nameOf),
    ];
  });
}

function verdict(
  best: SettingResult,
  others: readonly SettingResult[],
  compare: (a: SettingResult, b: SettingResult) => Comparison,
  nameOf: (result: SettingResult) => string,
): string {
  const by = (kind: Comparison): readonly string[] =>
    others.filter((other) => compare(best, other) === kind).map(nameOf);
  const [clear, unclear, unknown] = [by('clearly better'), by('not clearly better'), by('unknown')];
  const parts: string[] = [];
  if (clear.length === others.length) {
    parts.push(
      `It is clearly better than ${others.length === 1 ? 'the other setting' : `all ${others.length} others`}.`,
    );
  } else if (clear.length > 0) parts.push(`It is clearly better than ${clear.length} of ${others.length} others.`);
  if (unclear.length > 0) {
    parts.push(`Not clearly worse: ${listed(unclear)}.`);
  }
  if (unknown.length > 0) {
    const whom = unknown.length === others.length ? 'others' : `${unknown.length} of the others`;
    parts.push(`How it compares with ${whom} is not known: that takes several seeds, of trainings where these differ.`);
  }
  return parts.join(' ');
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
