import { DataError } from '../utils/errors.js';
import type { Receipt, Score } from './receipt.js';
import { flag, options as optionsKind, signature } from '../utils/arguments.js';
import { namedReceipts } from '../utils/evaluation-shapes.js';

/** A receipt with the name it has in the table. */
export interface NamedReceipt {
  readonly name: string;
  readonly receipt: Receipt;
}

/** One metric over all receipts; null where a receipt does not have it. */
export interface ComparisonRow {
  readonly metric: string;
  readonly better: Score['better'];
  readonly scores: readonly (Score | null)[];
  /** Why these values do not compare; empty where they do. */
  readonly differences: readonly string[];
}

/** How receipts are compared. */
export interface CompareReceiptsOptions {
  /** Compare unlike receipts all the same, default false; the rows then say how they differ. */
  readonly force?: boolean | undefined;
}

const compareReceiptsArguments = signature('compareReceipts', {
  receipts: namedReceipts,
  options: optionsKind({ force: flag.optional() }),
});

/**
 * Puts the scores of several receipts beside one another. Two values of a metric compare only if features, number of
 * images, reference, value range, resize and the metric's own settings agree.
 *
 * @throws DataError, saying what differs, when a metric's conditions disagree and `force` is not set, or when there is no
 * metric that two receipts have
 */
export function compareReceipts(
  receipts: readonly NamedReceipt[],
  options: CompareReceiptsOptions = {},
): ComparisonRow[] {
  compareReceiptsArguments({ receipts, options });
  const { force = false } = options;
  const metrics = [...new Set(receipts.flatMap(({ receipt }) => receipt.scores.map(({ metric }) => metric)))];
  const rows = metrics.map((metric) => comparisonRow(metric, receipts));
  if (!rows.some(({ scores }) => scores.filter((score) => score !== null).length > 1)) {
    throw new DataError('These receipts have no metric in common; evaluate both with the same metrics.');
  }
  const unlike = rows.filter(({ differences }) => differences.length > 0);
  if (unlike.length > 0 && !force) {
    const reasons = unlike.map(({ metric, differences }) => `  ${metric}: ${differences.join('; ')}`);
    throw new DataError(
      `These receipts were measured under different conditions:\n${reasons.join('\n')}\nEvaluate under the same conditions, or give --force for a table that marks the differences.`,
    );
  }
  return rows;
}

function comparisonRow(metric: string, receipts: readonly NamedReceipt[]): ComparisonRow {
  const scores = receipts.map(({ receipt }) => receipt.scores.find((score) => score.metric === metric) ?? null);
  const present = receipts.flatMap(({ name }, i) => {
    const score = scores[i];
    return score ? [{ name, conditions: describeConditions(score) }] : [];
  });
  const [first, ...others] = present;
  const differences = others.flatMap(({ name, conditions }) =>
    Object.keys({ ...first?.conditions, ...conditions })
      .filter((condition) => first?.conditions[condition] !== conditions[condition])
      .map(
        (condition) =>
          `${condition} is ${first?.conditions[condition] ?? 'not set'} in ${first?.name}, ${conditions[condition] ?? 'not set'} in ${name}`,
      ),
  );
  const better = scores.find((score) => score !== null)?.better ?? 'lower';
  return { metric, better, scores, differences };
}

/** The conditions of a score, each as a text that differs where the condition does. */
function describeConditions({ conditions }: Score): Record<string, string> {
  const { network, reference, samples, valueRange, resize, settings } = conditions;
  return {
    features: network ? `${network.name} (${network.sha256.slice(0, 12)})` : 'none',
    'number of images': String(samples),
    reference: reference ? `${reference.count} images (${reference.sha256.slice(0, 12)})` : 'none',
    'value range': valueRange,
    resize,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  };
}
