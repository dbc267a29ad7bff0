import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueServer } from '../../src/queue/queue-server.js';
import { QueueWorker, type QueueWorkerOptions } from '../../src/queue/queue-worker.js';
import type { Task } from '../../src/sweep/running/task.js';

/** Writes its arguments to what `--out` names, in place of the command line. */
const PROGRAM = `
const { dirname } = require('node:path');
const { mkdirSync, writeFileSync } = require('node:fs');
const at = process.argv.indexOf('--out');
if (at < 0) throw new Error('no --out');
const path = process.argv[at + 1];
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, process.argv.slice(2).join(' '));
`;

/** A worker in this process. */
export interface QuickWorker {
  readonly lines: readonly string[];
  /** Rejects as `QueueWorker.work`. */
  readonly working: Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/** Starts a worker in this process whose jobs take no time: a program in `root` that only writes its arguments. */
export function quickWorker(
  server: QueueServer,
  root: string,
  options: Pick<QueueWorkerOptions, 'artifactsOf'> & Partial<QueueWorkerOptions>,
): QuickWorker {
  const program = join(root, 'program.cjs');
  mkdirSync(root, { recursive: true });
  writeFileSync(program, PROGRAM);
  const lines: string[] = [];
  const worker = new QueueWorker(server, {
    ...{ tags: ['cpu'], slots: 1, threads: 1, lockMs: 10_000, sliceMs: 60_000, pulseMs: 100, patienceMs: 100 },
    program,
    log: {
      started: ({ job }) => lines.push(`began ${job.data.task.name}`),
      ended: ({ job }, how) => lines.push(`${how} ${job.data.task.name}`),
      cannotRun: ({ message }) => lines.push(`cannot run: ${message}`),
      trouble: ({ message }) => lines.push(message),
    },
    ...options,
  });
  const stop = new AbortController();
  const working = worker.work(stop.signal);
  return {
    lines,
    working,
    stop: async () => {
      stop.abort();
      await working;
    },
  };
}

/** A task that `quickWorker` can run. */
export const quickTask = (id: string, out = `cells/${id}/picture.png`): Task => ({
  ...{ id, name: id, command: ['sample', '--out', out], output: `cells/${id}` },
  ...{ needs: [], work: 1, begun: 0, phase: 'sampling' },
});
