import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { allArrives, crashState, powerCuts, type Tree } from './crash-states.js';
import type { Operation } from './operations.js';
import { CHECKPOINT_EVERY, TrainingCommand, type Resumer } from './training-command.js';
import { differences, digestOf, readTree, withEventsSeen, writeTree } from './trees.js';

const RUN = 'run';
const LOCK = `${RUN}/run.lock`;

/** A process that trained to its end, and every crash of which is a point. */
interface History {
  readonly name: string;
  /** What was there when it began. */
  readonly start: Tree;
  readonly begins: boolean;
  readonly log: readonly Operation[];
  /** The step that it went on after. */
  readonly step: number;
}

/** A crash: `SIGKILL` before an operation or in the middle of it, or a power cut after so many operations. */
export interface CrashPoint {
  readonly name: string;
  readonly history: History;
  readonly operation: number;
  readonly cut: Tree | undefined;
  readonly half: boolean;
}

export interface CrashResult {
  readonly point: CrashPoint;
  /** What is wrong, empty where the resumed run ended as if nothing had happened. */
  readonly failures: readonly string[];
}

/**
 * A training, killed at every system call that changes its folder: in the process itself, by SIGKILL, and as a power cut would
 * leave the folder. Then it is resumed and must end to the bit as one that was never stopped.
 */
export class KillTorture {
  readonly #command: TrainingCommand;

  private constructor(
    private readonly folder: string,
    /** What is there after a training that nobody disturbed. */
    readonly undisturbed: Tree,
    readonly histories: readonly History[],
    command: TrainingCommand,
  ) {
    this.#command = command;
  }

  /**
   * Records a new run, and runs resumed from some of its crashes.
   *
   * @param folder an empty one for everything
   * @param resumed how many of the latter
   */
  static async prepare(folder: string, seed: number, resumed: number): Promise<KillTorture> {
    const command = new TrainingCommand(folder);
    const watched = join(folder, 'recorded', 'watched');
    mkdirSync(watched, { recursive: true });
    const run = join(watched, RUN);
    const { log } = await command.record(watched, command.begin(run));
    const undisturbed = readTree(watched);
    const begun: History = { name: 'new run', start: new Map(), begins: true, log, step: 0 };
    const histories = [begun];
    for (const operation of spread(rotations(log), resumed, new RandomStream(seed, 0))) {
      const start = crashState(begun.start, log, operation, allArrives);
      writeTree(watched, start);
      const again = await command.record(watched, command.resume(run));
      const name = `run resumed after operation ${operation}`;
      histories.push({ name, start, begins: false, log: again.log, step: stepIn(again.text) });
    }
    return new KillTorture(folder, undisturbed, histories, command);
  }

  /** All crashes, each of which leaves something else. Power cuts depend on the seed. */
  points(seed: number): CrashPoint[] {
    return this.histories.flatMap((history, h) => {
      const kills = history.log.flatMap((operation, i) => killsAt(history, operation, i));
      // What a kill leaves is tried by killing. The same files are another fault once more of them has been saved.
      const keyOf = (tree: Tree, operations: number) => `${digestOf(tree)} ${durableStep(history, operations)}`;
      const seen = new Set(history.log.map((_, i) => keyOf(crashState(history.start, history.log, i, allArrives), i)));
      const cuts = history.log.flatMap((_, i) =>
        Object.entries(powerCuts).flatMap(([kind, make], k): CrashPoint[] => {
          const random = new RandomStream(seed, h + 1, i * Object.keys(powerCuts).length + k);
          const cut = crashState(
            history.start,
            history.log,
            i + 1,
            make((below) => random.integer(below)),
          );
          const key = keyOf(cut, i + 1);
          if (seen.has(key)) return [];
          seen.add(key);
          const name = `${history.name}: power cut, ${kind}, after ${describe(history.log[i] as Operation)} (${i})`;
          return [{ name, history, operation: i + 1, cut, half: false }];
        }),
      );
      return [...kills, ...cuts];
    });
  }

  /** Crashes at each point and resumes, in `lanes` processes at a time. */
  async *crash(points: readonly CrashPoint[], lanes: number): AsyncGenerator<CrashResult, void, void> {
    const waiting = [...points];
    const workers = Array.from({ length: lanes }, (_, lane) => {
      const folder = join(this.folder, `lane-${lane}`);
      mkdirSync(folder, { recursive: true });
      return { folder, resumer: this.#command.resumer() };
    });
    try {
      const running = new Map<number, Promise<{ lane: number; result: CrashResult }>>();
      const begin = (lane: number): void => {
        const point = waiting.shift();
        const worker = workers[lane];
        if (point === undefined || worker === undefined) running.delete(lane);
        else
          running.set(
            lane,
            this.#crashAt(point, worker.folder, worker.resumer).then((result) => ({ lane, result })),
          );
      };
      workers.forEach((_, lane) => {
        begin(lane);
      });
      while (running.size > 0) {
        const { lane, result } = await Promise.race(running.values());
        begin(lane);
        yield result;
      }
    } finally {
      await Promise.all(workers.map(({ resumer }) => resumer.close()));
    }
  }

  async #crashAt(point: CrashPoint, lane: string, resumer: Resumer): Promise<CrashResult> {
    const watched = join(lane, 'watched');
    const run = join(watched, RUN);
    const { history, operation, cut, half } = point;
    const failures: string[] = [];
    if (cut !== undefined) writeTree(watched, cut);
    else {
      writeTree(watched, history.start);
      const args = history.begins ? this.#command.begin(run) : this.#command.resume(run);
      const survived = await this.#command.kill(watched, args, { operation, half });
      if (survived !== undefined) failures.push(survived);
      if (!half) {
        // What power cuts leave is computed from the operations: so must be what a kill leaves.
        const expected = crashState(history.start, history.log, operation, allArrives);
        const found = differences(comparable(readTree(watched)), comparable(expected));
        failures.push(...found.map((difference) => `right after the kill, ${difference}`));
      }
    }
    const result = await this.#goOn(run, resumer);
    if (result.code !== 0) failures.push(`resuming ends with exit code ${result.code}: ${result.text.trim()}`);
    const durable = durableStep(history, operation);
    if (result.step < durable) failures.push(`goes on after step ${result.step}, where step ${durable} was saved`);
    failures.push(...differences(withEventsSeen(readTree(watched)), withEventsSeen(this.undisturbed)));
    return { point, failures };
  }

  /** What the user does: resumes, or begins anew where there is nothing to resume. */
  async #goOn(run: string, resumer: Resumer): Promise<{ code: number; text: string; step: number }> {
    const resumed = await resumer.run(this.#command.resume(run));
    if (!resumed.text.includes('there is no run to resume in this folder')) {
      return { ...resumed, step: stepIn(resumed.text) };
    }
    return { ...(await resumer.run(this.#command.begin(run))), step: 0 };
  }
}

/** So many of the points, spread over all of them. */
export function somePoints(points: readonly CrashPoint[], count: number, seed: number): CrashPoint[] {
  return spread(points, count, new RandomStream(seed, 1));
}

const stepIn = (text: string): number => Number(/^Resuming after step (\d+)\.$/m.exec(text)?.[1] ?? 0);

function killsAt(history: History, operation: Operation, i: number): CrashPoint[] {
  const name = `${history.name}: SIGKILL`;
  const before = { name: `${name} before ${describe(operation)} (${i})`, history, operation: i, cut: undefined };
  const inside = { ...before, name: `${name} in the middle of ${describe(operation)} (${i})`, half: true };
  return operation.kind === 'write' ? [{ ...before, half: false }, inside] : [{ ...before, half: false }];
}

function describe(operation: Operation): string {
  return `${operation.kind} ${operation.path}${'to' in operation ? ` to ${operation.to}` : ''}`;
}

/** Where a checkpoint is on its way from name to name. */
function rotations(log: readonly Operation[]): number[] {
  return log.flatMap((operation, i) =>
    operation.kind === 'rename' && operation.path.includes('checkpoint') ? [i, i + 1] : [],
  );
}

/** So many of the values, each drawn from a part of them of its own. */
function spread<T>(values: readonly T[], count: number, random: RandomStream): T[] {
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [part, part + 1].map((p) => Math.floor((p * values.length) / count)) as [number, number];
    return values[from + random.integer(Math.max(1, to - from))] as T;
  });
}

/** The step of the last checkpoint that was written and synced by then. */
function durableStep({ log, step }: History, operations: number): number {
  let written = 0;
  let saved = 0;
  for (const operation of log.slice(0, operations)) {
    if (operation.kind === 'rename' && operation.to === `${RUN}/checkpoint.next.safetensors`) written++;
    if (operation.kind === 'sync-folder' && operation.path === RUN) saved = written;
  }
  return saved === 0 ? step : CHECKPOINT_EVERY * (Math.floor(step / CHECKPOINT_EVERY) + saved);
}

/** A tree without what differs from process to process: who holds the lock, and the names of temporary files. */
function comparable(tree: Tree): Tree {
  return new Map(
    [...tree].map(([path, bytes]) =>
      path.startsWith(LOCK)
        ? [path.replace(/\.[0-9a-f-]{36}$/, ''), null]
        : [path.replace(/\.\d+-\d+\.tmp$/, '.tmp'), bytes],
    ),
  );
}
