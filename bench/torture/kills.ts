import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliPath } from '../../packages/cli/test/commands/run-cli.js';
import { KillTorture, somePoints, type CrashPoint } from '../../packages/cli/test/torture/kills.js';
import { countOperations, countSystemCalls, type Counts } from '../../packages/cli/test/torture/system-calls.js';
import { TrainingCommand } from '../../packages/cli/test/torture/training-command.js';
import type { Outcome, TortureOptions } from './outcome.js';

/** How many runs that were resumed are killed at every operation as well, beside a new one. */
const RESUMED_RUNS = 4;

/**
 * Kills trainings and resumes them; see `KillTorture`.
 *
 * @param jobs crashes under way at a time
 * @param most how many of the crashes to try, spread over all of them
 */
export async function tortureByKills({ seed, progress }: TortureOptions, jobs: number, most: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'torture-kills-'));
  try {
    const torture = await KillTorture.prepare(folder, seed, RESUMED_RUNS);
    const all = torture.points(seed);
    const points = most < all.length ? somePoints(all, most, seed) : all;
    const failures = compareWithStrace(folder, torture, (text) => {
      progress.log(text);
    });
    let done = 0;
    for await (const { point, failures: found } of torture.crash(points, jobs)) {
      progress.update(++done, points.length, `kills: ${failures.length} failures`);
      if (found.length === 0) continue;
      failures.push(`${point.name}: ${found.join('; ')}`);
      progress.log(`${point.name}\n  ${found.join('\n  ')}`);
    }
    return { faults: points.length, failures, figures: describe(torture, points) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes sure that the file layer sees every system call that changes a run's folder. */
function compareWithStrace(folder: string, { histories }: KillTorture, say: (text: string) => void): string[] {
  const own = join(folder, 'strace');
  const watched = join(own, 'watched');
  mkdirSync(watched, { recursive: true });
  const seen = countOperations(histories[0]?.log ?? []);
  const called = countSystemCalls(watched, [
    process.execPath,
    cliPath,
    ...new TrainingCommand(own).begin(join(watched, 'run')),
  ]);
  if (called === undefined) {
    say('kills: strace cannot be used here: the file layer counts alone');
    return [];
  }
  const inWords = (counts: Counts): string =>
    Object.entries(counts)
      .map(([kind, n]) => `${n} ${kind}`)
      .join(', ');
  say(`kills: system calls that change the folder of a new run, counted by strace: ${inWords(called)}`);
  return inWords(called) === inWords(seen) ? [] : [`strace counts other calls than the file layer: ${inWords(seen)}`];
}

function describe({ histories }: KillTorture, points: readonly CrashPoint[]): string[] {
  return histories.map((history) => {
    const own = points.filter((point) => point.history === history);
    const cuts = own.filter(({ cut }) => cut !== undefined).length;
    return `${history.name}: ${history.log.length} operations, ${own.length - cuts} kills, ${cuts} power cuts`;
  });
}
