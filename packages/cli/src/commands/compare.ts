import type { Command } from 'commander';
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
  const { comparisonTable } = await import('../output/comparison-table.js');
  if (paths.length < 2) throw new ConfigError('A comparison needs at least two receipts.');
  const receipts = paths.map((path) => ({ name: path, receipt: readReceipt(path) }));
  const rows = compareReceipts(receipts, { force });
  for (const line of comparisonTable(receipts, rows)) print(line);
}
