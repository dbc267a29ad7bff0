import type { Command } from 'commander';
import type { ComparisonRow, NamedReceipt, Score } from 'ts-diffusion/evaluation';
import { print } from '../output/say.js';

const examples = `
Examples:
  $ diffusion compare runs/paper/receipts/a.json runs/modern/receipts/b.json
  $ diffusion compare --force old.json new.json      also with different conditions; the table marks them

Scores are comparable only with the same features, number of images, reference, value range and resize. Each receipt
records these conditions.`;

/** Adds the options and action of `diffusion compare`. */
export function configureCompare(command: Command): void {
  command
    .argument('<receipts...>', 'two or more receipts of diffusion evaluate')
    .option('--force', 'compare receipts with different conditions; the table marks them')
    .addHelpText('after', examples)
    .action(compare);
}

async function compare(paths: readonly string[], { force = false }: { force?: boolean }): Promise<void> {
  const { compareReceipts } = await import('ts-diffusion/evaluation');
  const { readReceipt } = await import('ts-diffusion/node');
  const { ConfigError } = await import('ts-diffusion/errors');
  if (paths.length < 2) throw new ConfigError('A comparison needs at least two receipts.');
  const receipts = paths.map((path) => ({ name: path, receipt: readReceipt(path) }));
  const rows = compareReceipts(receipts, { force });
  for (const line of comparisonTable(receipts, rows)) print(line);
}

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

/** Of the value. */
const LEAST_FLOOR = 1e-6;

/** A value with its standard deviation and, where there is one, its multiple of the floor. */
export function formatScore({ value, standardDeviation, floor, better }: Score): string {
  const digits = (x: number): string => String(Number(x.toPrecision(5)));
  const spread = standardDeviation === undefined ? '' : ` ± ${Number(standardDeviation.toPrecision(2))}`;
  // A floor that is only rounding, of real images that are the reference, is no measure of anything.
  const isMeasure = floor !== undefined && floor > LEAST_FLOOR * Math.abs(value);
  const multiple = !isMeasure || better === 'higher' ? '' : ` (${(value / floor).toFixed(2)} × floor)`;
  return `${digits(value)}${spread}${multiple}`;
}
