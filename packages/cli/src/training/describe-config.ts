import { resolveTrainConfig, type TrainConfig } from 'ts-diffusion/train';

const COLUMNS = 3;
const GAP = '   ';
/** A longer value, a path, gets a line of its own. */
const LONGEST_IN_COLUMN = 16;
const LONGEST_LIST = 10;

/**
 * A configuration as a block of lines: every field with its value in columns, read downwards, in the schema's order. A star
 * marks what differs from the paper's configuration.
 */
export function describeConfig(config: TrainConfig): string[] {
  const paper = resolveTrainConfig('paper');
  const cells = Object.entries(config).map(([name, value]) => {
    const text = inWords(value);
    const usual = inWords(paper[name as keyof TrainConfig]);
    return { name, value: `${text}${text === usual ? '' : ' *'}` };
  });
  const short = cells.filter(({ value }) => value.length <= LONGEST_IN_COLUMN);
  const long = cells.filter(({ value }) => value.length > LONGEST_IN_COLUMN);
  const height = Math.ceil(short.length / COLUMNS);
  const columns = Array.from({ length: COLUMNS }, (_, i) => aligned(short.slice(i * height, (i + 1) * height)));
  const rows = Array.from({ length: height }, (_, row) => columns.map((column) => column[row] ?? '').join(GAP));
  return [
    "configuration  (*: other than the paper's)",
    ...[...rows, ...aligned(long)].map((line) => `  ${line.trimEnd()}`),
  ];
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length > LONGEST_LIST ? `${value.length} numbers` : value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function aligned(cells: readonly { readonly name: string; readonly value: string }[]): string[] {
  const width = (key: 'name' | 'value'): number => Math.max(0, ...cells.map((cell) => cell[key].length));
  return cells.map(({ name, value }) => `${name.padEnd(width('name'))}  ${value.padEnd(width('value'))}`);
}
