import { shardCount, shardEvaluation } from '../queue/evaluation-shards.js';
import type { Executor, TaskRun } from '../sweep/running/executor.js';
import type { Task, TaskEnd } from '../sweep/running/task.js';
import { type ArtifactStore, StoreError } from './artifact-store.js';
import { eachOf } from './each-of.js';
import { invalidate, unpublish } from './claim.js';
import { DamagedArtifactError, fetchLatest } from './local-files.js';
import { readPublished } from './published.js';
import { SweepInputs } from './sweep-inputs.js';
import { isComplete, isTraining } from './task-files.js';

/** How often a task is run again whose inputs or results were damaged. */
const REPAIRS = 5;

/**
 * Runs tasks on machines that share no folder with this one: what they read is put into a store, and their receipts and pictures are
 * fetched from there. What is damaged in the store is made again.
 */
export class StoreExecutor implements Executor {
  readonly slots: number;
  readonly #inputs: SweepInputs;
  /** Trainings that are made again, since what needs them found them missing. */
  readonly #repairs = new Map<string, Promise<TaskEnd>>();

  /**
   * @param inner gives the tasks to the machines
   * @param folder of the sweep on this machine
   * @param trainings all of the plan, by their ids
   * @param shards of each evaluation, as the inner executor divides them
   */
  constructor(
    private readonly inner: Executor,
    private readonly store: ArtifactStore,
    private readonly folder: string,
    private readonly trainings: ReadonlyMap<string, Task>,
    private readonly shards?: number,
  ) {
    this.slots = inner.slots;
    this.#inputs = new SweepInputs(store, folder);
  }

  async run(task: Task, run: TaskRun): Promise<TaskEnd> {
    try {
      return await this.#run(task, run);
    } catch (error) {
      if (run.signal.aborted) return { type: 'stopped' };
      if (error instanceof StoreError) return { type: 'failed', error: error.message };
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.inner.close();
    this.store.close();
  }

  async #run(task: Task, run: TaskRun): Promise<TaskEnd> {
    for (let attempt = 1; ; attempt++) {
      if (!(await this.#isMade(task))) {
        const needed = await this.#makeNeeds(task, run);
        if (needed !== undefined) return needed;
        run.onProgress({ share: task.begun, detail: 'sending inputs' });
        const sent = await this.#inputs.send(task);
        const end = await this.inner.run(sent, run);
        if (end.type === 'failed' && attempt < REPAIRS && !(await this.#isWhole(sent))) continue;
        if (end.type !== 'done') return end;
      }
      if (isTraining(task)) return { type: 'done' };
      if (await this.#fetch(task, run.signal)) {
        await this.#removeShards(task);
        return { type: 'done' };
      }
      if (attempt >= REPAIRS) {
        return { type: 'failed', error: `${this.store.name}: the result of ${task.name} is damaged again and again.` };
      }
    }
  }

  /** What an evaluation was merged from has no use any more. */
  async #removeShards(task: Task): Promise<void> {
    const { images } = task;
    const of = images === undefined ? 1 : shardCount(images, this.shards);
    if (of > 1) await eachOf(shardEvaluation(task, of).shards, ({ id }) => unpublish(this.store, id));
  }

  /** @returns false where the result is damaged; it is then forgotten */
  async #fetch({ id }: Task, signal: AbortSignal): Promise<boolean> {
    try {
      return (await fetchLatest(this.store, id, this.folder, signal))?.finished === true;
    } catch (error) {
      if (!(error instanceof DamagedArtifactError)) throw error;
      await invalidate(this.store, error.published);
      return false;
    }
  }

  /** Runs trainings whose results are needed and not there. @returns how one ended that was not done */
  async #makeNeeds({ needs }: Task, { signal }: TaskRun): Promise<TaskEnd | undefined> {
    for (const id of needs) {
      const training = this.trainings.get(id);
      if (training === undefined || (await this.#isFinished(id))) continue;
      const running = this.#repairs.get(id) ?? this.#run(training, { signal, onProgress: () => undefined });
      this.#repairs.set(id, running);
      const end = await running.finally(() => this.#repairs.delete(id));
      if (end.type !== 'done') return end;
    }
    return undefined;
  }

  /** Whether all is there that a task reads. */
  async #isWhole({ needs, inputs = [] }: Task): Promise<boolean> {
    const finished = await Promise.all([...needs, ...inputs].map((key) => this.#isFinished(key)));
    return finished.every(Boolean);
  }

  /** A result of the same key that was made by a plan without `keep` has fewer files. */
  async #isMade(task: Task): Promise<boolean> {
    const published = await readPublished(this.store, task.id);
    const paths = published?.files.map(({ path }) => path) ?? [];
    return published?.finished === true && isComplete(task, paths);
  }

  async #isFinished(key: string): Promise<boolean> {
    return (await readPublished(this.store, key))?.finished === true;
  }
}
