import { setMaxListeners } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunSummary } from '../../src/studio/api.js';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { metricsLines, writeRun } from '../studio/written-run.js';
import { damages } from './intact-run.js';
import { actions, Client, STEADY, type Action, type ActionName } from './studio-requests.js';
import { canObserve, StudioServer } from './studio-server.js';
import { followEvents } from './studio-streams.js';

export interface StudioTortureOptions {
  readonly seed: number;
  readonly clients: number;
  readonly streams: number;
  readonly milliseconds: number;
  /** Told every second. */
  readonly onProgress?: (state: {
    readonly elapsed: number;
    readonly requests: number;
    readonly failures: number;
  }) => void;
}

export interface StudioResult {
  readonly requests: number;
  /** Of these, what no page would send; silent and leaving streams included. */
  readonly faults: number;
  readonly streams: number;
  readonly failures: readonly string[];
  /** Trainings that were started, each with its run folder. */
  readonly trainings: number;
  /** Milliseconds of the list of runs. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly slowest: number };
  /** Resident memory of the server, MB: before, every second, after; empty where it cannot be read. */
  readonly memory: readonly number[];
  /** Requests by what they were. */
  readonly counts: ReadonlyMap<ActionName, number>;
}

const MEGABYTE = 1e6;
/** What the server may take, MB: twice what it takes under this load in minutes, so that a leak is seen in an hour. */
const LARGEST_MEMORY = 300;
/** For trainings to be stopped, and for connections to be closed. */
const PATIENCE_MS = 60_000;

/**
 * The studio's server under clients that start and stop trainings, send what no page would, leave without reading, or stay
 * without. It must answer all of them, and afterwards hold what it held before; no run may be damaged.
 *
 * @param folder an empty one
 */
export async function tortureStudio(folder: string, options: StudioTortureOptions): Promise<StudioResult> {
  const { seed, clients, streams, milliseconds, onProgress } = options;
  writeSteadyRun(join(folder, 'runs'));
  const server = await StudioServer.start(folder);
  const client = new Client(server.port, new RandomStream(seed));
  const failures: string[] = [];
  const latencies: number[] = [];
  const memory: number[] = [];
  const counts = new Map<ActionName, number>();
  let [requests, faults, served] = [0, 0, 0];
  try {
    await client.send('GET', '/api/runs');
    client.close();
    await delay(200);
    const before = canObserve ? server.holdings() : undefined;
    if (canObserve) memory.push(server.memory / MEGABYTE);

    const over = new AbortController();
    setMaxListeners(0, over.signal);
    const begin = performance.now();
    const act = async (own: Client): Promise<void> => {
      const name = chooseAction(own.random);
      const { allowed, isFault, act: doIt }: Action = actions[name];
      const sent = performance.now();
      try {
        const status = await doIt(own);
        if (!allowed.includes(status)) failures.push(`${name}: answered ${status}, expected ${allowed.join(' or ')}`);
      } catch (error) {
        failures.push(`${name}: ${(error as Error).message}`);
      }
      if (name === 'list of runs') latencies.push(performance.now() - sent);
      requests++;
      if (isFault === true) faults++;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    };
    const clientLoop = async (i: number): Promise<void> => {
      const own = new Client(server.port, new RandomStream(seed, 1, i));
      while (!over.signal.aborted) {
        await act(own);
        await delay(own.random.integer(200));
      }
      own.close();
    };
    const streamLoop = (i: number): Promise<void> =>
      followEvents(server.port, new RandomStream(seed, 2, i), over.signal, (kind, status) => {
        served++;
        if (kind !== 'reads') faults++;
        // A stream that has just ended may not have been noticed yet.
        if (status !== 200 && status !== 429) failures.push(`event stream: answered ${status}`);
      });
    const watch = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await delay(Math.min(1000, milliseconds / 4));
        if (!server.isAlive) failures.push('the server ended');
        else if (canObserve) memory.push(server.memory / MEGABYTE);
        const elapsed = performance.now() - begin;
        onProgress?.({ elapsed, requests, failures: failures.length });
        if (elapsed >= milliseconds || !server.isAlive) over.abort();
      }
    };
    await Promise.all([
      watch(),
      ...Array.from({ length: clients }, (_, i) => clientLoop(i)),
      ...Array.from({ length: streams }, (_, i) => streamLoop(i)),
    ]);

    const last = new Client(server.port, new RandomStream(seed));
    failures.push(...(await stopTrainings(last)));
    last.close();
    if (before !== undefined) {
      const after = await until(
        () => server.holdings(),
        (now) => Object.entries(before).every(([what, count]) => now[what as keyof typeof now] <= count),
      );
      for (const [what, count] of Object.entries(before)) {
        const now = after[what as keyof typeof after];
        if (now > count) failures.push(`${what}: ${count} before, ${now} after`);
      }
      memory.push(server.memory / MEGABYTE);
    }
    if (Math.max(...memory) > LARGEST_MEMORY) failures.push(`memory: over ${LARGEST_MEMORY} MB`);

    failures.push(...(await stopWhileTraining(server)));
    if (server.errors !== '' && !/^\nStopping; training runs write a checkpoint first\.\n$/.test(server.errors)) {
      failures.push(`the server said: ${server.errors.slice(0, 2000)}`);
    }
    const runs = readdirSync(server.runs).filter((name) => name.startsWith('run-'));
    for (const run of runs) failures.push(...damages(join(server.runs, run)).map((damage) => `${run}: ${damage}`));
    return {
      ...{ requests, faults, streams: served, failures, trainings: runs.length, counts },
      latency: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), slowest: quantile(latencies, 1) },
      memory,
    };
  } finally {
    server.kill();
  }
}

/** A run with a long history, of which each stream is sent what it takes, and with a folder called like a picture. */
function writeSteadyRun(runs: string): void {
  const folder = join(runs, STEADY);
  writeRun(folder, 3);
  mkdirSync(join(folder, 'samples/folder.png'));
  writeFileSync(join(folder, 'metrics.jsonl'), metricsLines(1, 50_000));
}

function chooseAction(random: RandomStream): ActionName {
  const entries = Object.entries(actions) as [ActionName, Action][];
  const total = entries.reduce((sum, [, { weight }]) => sum + weight, 0);
  let place = random.uniform() * total;
  for (const [name, { weight }] of entries) if ((place -= weight) < 0) return name;
  return 'list of runs';
}

async function stopTrainings(client: Client): Promise<string[]> {
  const training = async (): Promise<RunSummary[]> => {
    const { body } = await client.send('GET', '/api/runs');
    return (JSON.parse(body.toString()) as RunSummary[]).filter(({ status }) => status === 'training');
  };
  for (const { name } of await training()) await client.send('POST', `/api/runs/${name}/stop`, '{}');
  const left = await until(training, (runs) => runs.length === 0);
  const { body } = await client.send('GET', '/api/runs');
  const failed = (JSON.parse(body.toString()) as RunSummary[]).filter(({ status }) => status === 'failed');
  return [
    ...left.map(({ name }) => `${name} is still trained`),
    ...failed.map(({ name, error }) => `${name} failed: ${error ?? ''}`),
  ];
}

/** Ends the server while it trains: the training must have written its checkpoint. */
async function stopWhileTraining(server: StudioServer): Promise<string[]> {
  const client = new Client(server.port, new RandomStream(0));
  const status = await actions['endless training'].act(client);
  const step = async (): Promise<number> => {
    const { body } = await client.send('GET', '/api/runs');
    return (JSON.parse(body.toString()) as RunSummary[]).find(({ status: s }) => s === 'training')?.step ?? 0;
  };
  const reached = await until(step, (steps) => steps > 0);
  client.close();
  const ending = await server.stop();
  return [
    ...(status === 201 && reached > 0 ? [] : [`the last training does not begin (${status})`]),
    ...(ending === 0 ? [] : [`the server ended with ${ending ?? 'nothing'}`]),
  ];
}

/** What `look` sees once it is as wanted, or when patience is over. */
async function until<T>(look: () => T | Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const seen = await look();
    if (wanted(seen) || performance.now() - begin > PATIENCE_MS) return seen;
    await delay(100);
  }
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)] ?? NaN;
}
