import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { row, summarise } from './statistics.js';

export const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** What every reported number needs: machine, command, commit. */
export function heading(title: string, command: string): void {
  const git = (...parameters: string[]): string => spawnSync('git', parameters, { encoding: 'utf8' }).stdout.trim();
  const changed = git('status', '--porcelain', '--', 'src') ? ' (src changed)' : '';
  say(`# ${title}\n`);
  say(`- machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores; Node ${process.version}`);
  say(`- command: ${command}`);
  say(`- commit: ${git('rev-parse', '--short', 'HEAD')}${changed}`);
}

/** A table of measured milliseconds, one row per contender. */
export function table(results: Readonly<Record<string, readonly number[]>>): void {
  say('| | median | range | rounds |');
  say('|---|---|---|---|');
  for (const [name, measured] of Object.entries(results)) say(row(name, measured));
  say();
}

/** Against the fastest of PyTorch's settings. */
export function compare(results: Readonly<Record<string, readonly number[]>>, ratio: (theirs: number) => string): void {
  const peers = Object.entries(results)
    .filter(([name]) => name.startsWith('PyTorch'))
    .map(([name, measured]) => ({ name, median: summarise(measured).median }))
    .sort((a, b) => a.median - b.median);
  const [best] = peers;
  say(best ? `- **${ratio(best.median)}** (${best.name}, its fastest here)` : '- no PyTorch to compare with');
}
