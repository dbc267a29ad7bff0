import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMetrics } from '../../../src/node/training/metrics.js';
import { readRecords } from '../../formats/read-events.js';
import { temporaryFolder } from '../../training/folders.js';

const inFolder = temporaryFolder();

/** Appends under a limit on the size of files: the system takes only the beginning of the write that crosses it. */
function appendUnderLimit(kind: 'metrics' | 'events', path: string): { appended: number; problem: string } {
  const child = join(import.meta.dirname, 'append-child.ts');
  const script = 'ulimit -f 8; exec "$0" --import tsx "$@"';
  const { stdout } = spawnSync('bash', ['-c', script, process.execPath, child, kind, path], { encoding: 'utf8' });
  return JSON.parse(stdout) as { appended: number; problem: string };
}

test.skipIf(process.platform === 'win32')('a line of metrics that is written in part is no line', () => {
  const path = inFolder('metrics.jsonl');
  const { appended, problem } = appendUnderLimit('metrics', path);
  expect(problem).toContain(`cannot write ${path}: the file would exceed the size limit`);
  expect(readMetrics(path)).toHaveLength(appended);
});

test.skipIf(process.platform === 'win32')('an event that is written in part is no event', () => {
  const { appended, problem } = appendUnderLimit('events', inFolder(''));
  expect(problem).toContain('the file would exceed the size limit');
  const [name = ''] = readdirSync(inFolder(''));
  // Before the lines: the file's version and its start.
  expect(readRecords(readFileSync(inFolder(name)))).toHaveLength(2 + appended);
});
