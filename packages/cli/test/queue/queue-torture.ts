import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { tinyPlan, type TinyPlan } from '../sweep/tiny-plan.js';
import { childrenOf, type CliProcess, isAlive, reportOf, startCli, startWorker } from './queue-processes.js';
import type { ServerKind, TestServer } from './test-servers.js';

export interface QueueTortureOptions {
  readonly seed: number;
  /** At least so many; sweeps are run until there were. */
  readonly faults: number;
  readonly workers: number;
  readonly plan: TinyPlan;
  readonly onFault?: (faults: number, what: string) => void;
}

export interface QueueTortureResult {
  readonly faults: number;
  readonly failures: readonly string[];
  readonly counts: ReadonlyMap<FaultName, number>;
  /** Sweeps that were run to their end. */
  readonly sweeps: number;
  /** Runs of `diffusion sweep` for them: more than sweeps where cells failed or the coordinator was killed. */
  readonly runs: number;
}

const faultNames = [
  'worker killed',
  'child killed',
  'worker paused',
  'machine paused',
  'server restarted',
  'file damaged',
  'coordinator killed',
  'disk full',
] as const;
export type FaultName = (typeof faultNames)[number];

/** Longer than the workers' lock of two seconds and the two looks at it that it takes to call a job lost. */
const PAUSE_MS = 7000;
const BETWEEN_MS = { least: 1000, span: 8000 };
/** Runs of one sweep after which its cells count as lost. */
const MOST_RUNS = 8;
const COORDINATE = ['--threads', '1', '--shards', '2', '--attempts', '5'];

/**
 * Sweeps of tiny cells over a queue, under faults at random moments. Each must end with the report of a local, undisturbed one, to the
 * byte.
 *
 * @param root a folder in which the undisturbed sweep is run unless it is there already
 */
export async function tortureQueue(
  root: string,
  kind: ServerKind,
  { seed, faults, workers, plan, onFault }: QueueTortureOptions,
): Promise<QueueTortureResult> {
  writeFileSync(join(root, 'plan.yaml'), tinyPlan(plan));
  const steady = startCli(root, ['sweep', 'plan.yaml', '--out', 'steady', '--threads', '1']);
  if ((await steady.end).code !== 0) throw new Error(steady.text());
  const expected = reportOf(join(root, 'steady'));

  const server = await kind.start();
  const crew = new Crew(root, server, new RandomStream(seed), workers);
  const failures: string[] = [];
  let [sweeps, runs] = [0, 0];
  /** Runs a sweep, again where it ends early. @returns whether it was done */
  const finish = async (name: string): Promise<boolean> => {
    for (let tries = 1; tries <= MOST_RUNS; tries++) {
      runs++;
      const sweep = startCli(root, ['sweep', 'plan.yaml', '--out', name, ...COORDINATE], server.url);
      while (isAlive(sweep)) {
        await Promise.race([sweep.end, delay(BETWEEN_MS.least + crew.random.integer(BETWEEN_MS.span))]);
        // The last run of a sweep is left in peace.
        if (!isAlive(sweep) || tries === MOST_RUNS || crew.faults >= faults) continue;
        const what = await crew.inflict(sweep, join(root, name));
        onFault?.(crew.faults, what);
      }
      const { code } = await sweep.end;
      crew.replaceDead();
      if (code === 0) return true;
    }
    return false;
  };
  try {
    while (crew.faults < faults && failures.length === 0) {
      const name = `${kind.name}-${sweeps++}`;
      mkdirSync(join(root, name));
      if (await finish(name))
        failures.push(...differences(expected, reportOf(join(root, name)), `${name}, after ${crew.history}`));
      else failures.push(`${name}: not done after ${MOST_RUNS} runs`);
    }
  } finally {
    await crew.dismiss();
    await server.stop();
  }
  return { faults: crew.faults, failures, counts: crew.counts, sweeps, runs };
}

/** The workers of a torture, and what is done to them. */
class Crew {
  readonly counts = new Map<FaultName, number>();
  readonly #inflicted: FaultName[] = [];
  readonly #workers: CliProcess[];

  constructor(
    private readonly root: string,
    private readonly server: TestServer,
    readonly random: RandomStream,
    workers: number,
  ) {
    this.#workers = Array.from({ length: workers }, () => startWorker(root, server.url));
  }

  get faults(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The faults so far, in their order. */
  get history(): string {
    return this.#inflicted.join(', ');
  }

  /** Inflicts some fault that is possible now. @returns which */
  async inflict(sweep: CliProcess, folder: string): Promise<FaultName> {
    for (;;) {
      const name = faultNames[this.random.integer(faultNames.length)] as FaultName;
      if (!(await this.#inflict(name, sweep, folder))) continue;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      this.#inflicted.push(name);
      this.replaceDead();
      return name;
    }
  }

  replaceDead(): void {
    this.#workers.forEach((worker, i) => {
      if (!isAlive(worker)) this.#workers[i] = startWorker(this.root, this.server.url);
    });
  }

  async dismiss(): Promise<void> {
    for (const { child } of this.#workers) child.kill('SIGTERM');
    await Promise.all(this.#workers.map(({ end }) => end));
  }

  async #inflict(name: FaultName, sweep: CliProcess, folder: string): Promise<boolean> {
    const worker = this.#workers[this.random.integer(this.#workers.length)] as CliProcess;
    const [child] = childrenOf(worker.child.pid);
    switch (name) {
      case 'worker killed':
        worker.child.kill('SIGKILL');
        await worker.end;
        return true;
      case 'child killed':
        return child !== undefined && signal(child, 'SIGKILL');
      case 'worker paused':
        if (child === undefined) return false;
        await paused([worker.child.pid ?? 0]);
        return true;
      case 'machine paused':
        if (child === undefined) return false;
        await paused([worker.child.pid ?? 0, child]);
        return true;
      case 'server restarted':
        await this.server.restart();
        return true;
      case 'file damaged':
        return this.#damage(folder);
      case 'disk full':
        await fullDisk([worker.child.pid ?? 0, ...(child === undefined ? [] : [child])]);
        return true;
      case 'coordinator killed':
        sweep.child.kill('SIGKILL');
        await sweep.end;
        return true;
    }
  }

  /** Changes some bytes in the middle of a shard, or of a checkpoint. */
  #damage(folder: string): boolean {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const paths = names.filter((name) => /shards-\d+\/[^.]+\.safetensors$|\/checkpoint\.safetensors$/.test(name));
    const path = join(folder, paths[this.random.integer(Math.max(1, paths.length))] ?? '');
    if (paths.length === 0 || !existsSync(path)) return false;
    const bytes = readFileSync(path);
    bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 64);
    writeFileSync(path, bytes);
    return true;
  }
}

async function paused(pids: readonly number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGSTOP');
  await delay(PAUSE_MS);
  // The child first: it must find by itself that its folder is another's.
  for (const pid of pids.toReversed()) signal(pid, 'SIGCONT');
}

/** No file of these processes, or of what they start meanwhile, may be larger than some bytes: as on a disk that is full (Linux). */
async function fullDisk(pids: readonly number[]): Promise<void> {
  const limit = (pid: number, bytes: string): void => {
    spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  };
  for (const pid of pids) limit(pid, '1024');
  await delay(PAUSE_MS);
  const [worker = 0] = pids;
  for (const pid of [...pids, ...childrenOf(worker)]) limit(pid, 'unlimited');
}

/** @returns false where there is no such process any more */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function differences(
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
  where: string,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((name) => expected.get(name) !== found.get(name))
    .map(
      (name) =>
        `${where}: ${name} differs from that of the undisturbed sweep: ${firstDifference(expected.get(name), found.get(name))}`,
    );
}

/** What stands around the first character in which two texts differ. */
function firstDifference(expected = '', found = ''): string {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return `${around(expected)}, found ${around(found)}`;
}
