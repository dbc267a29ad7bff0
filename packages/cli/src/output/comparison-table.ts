import type { ComparisonRow, NamedReceipt, Score } from 'ts-diffusion/evaluation';
import { formatScore } from './format-score.js';

/** The comparison as Markdown: one line per metric, one column per receipt, `*` behind the best. */
export function comparisonTable(receipts: readonly NamedReceipt[], rows: readonly ComparisonRow[]): string[] {
  const cells = [
    ['metric', ...receipts.map((_, i) => `(${i + 1})`)],
    ...rows.map(({ metric, better, scores, differences }) => {
      const name = `${metric} (${better} is better)${differences.length > 0 ? ' (different conditions)' : ''}`;
      const best = differences.length > 0 ? null : bestOf(scores, better);
      return [name, ...scores.map((score) => (score ? formatScore(score) + (score === best ? ' *' : '') : '–'))];
    }),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const format = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [
    ...receipts.map(({ name, receipt }, i) => `(${i + 1}) ${name}: ${receipt.images.source}`),
    '',
    format(head),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...body.map(format),
    ...rows.flatMap(({ metric, differences }) =>
      differences.map((text) => `Different conditions of ${metric}: ${text}`),
    ),
  ];
}

function bestOf(scores: readonly (Score | null)[], better: Score['better']): Score | null {
  const present = scores.filter((score) => score !== null);
  if (present.length < 2) return null;
  return present.reduce((a, b) => ((better === 'lower' ? b.value < a.value : b.value > a.value) ? b : a));
}
