import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from 'ts-diffusion/errors';
import { RunLock } from 'ts-diffusion/node';
import type { Artifacts } from '../queue/artifacts.js';
import type { FolderReference } from '../queue/job.js';
import type { Task } from '../sweep/running/task.js';
import { type ArtifactStore, DamagedBlobError, StoreError } from './artifact-store.js';
import { Claim, invalidate } from './claim.js';
import { DamagedArtifactError, fetchLatest, fetchPublished, filesOf, inside, removeOthers } from './local-files.js';
import { identityOf } from './store-identity.js';
import { isTraining, outputsOf } from './task-files.js';

const PURPOSE = {
  activity: 'working on the jobs of a queue',
  afterLoss: 'Start diffusion worker again.',
};

/** A worker's own folder, into which it fetches what tasks read from a store, and from which it publishes what they make. */
export class StoreWorkplace {
  readonly #lock: RunLock;
  /** Fetching into the folder: jobs at once may need the same files. */
  #fetching: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly store: ArtifactStore,
    private readonly identity: string,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
    this.#lock = RunLock.acquire(join(folder, 'worker.lock'), { purpose: PURPOSE });
  }

  /** @throws RunFolderError while another worker has the folder */
  static async open(store: ArtifactStore, folder: string): Promise<StoreWorkplace> {
    return new StoreWorkplace(store, await identityOf(store), folder);
  }

  /** @throws DataError where a job is of a sweep that has another store, or none */
  artifactsOf(sweep: FolderReference): Artifacts {
    const { store, folder } = this;
    if (sweep.id !== this.identity) {
      throw new DataError(
        `A job is of the sweep ${sweep.id}, whose files are not in ${store.name} (${this.identity}); give the worker the --store of ` +
          'that sweep, and each store a queue of its own.',
      );
    }
    let claim: Claim | undefined;
    return {
      prepare: async (task, confirm) => {
        claim = await this.#alone(() => this.#prepare(task, confirm));
        return folder;
      },
      publish: async (task, finished) => {
        await claim?.publish(inside(folder, await filesOf(folder, outputsOf(task))), finished);
      },
    };
  }

  close(): void {
    this.#lock.release();
    this.store.close();
  }

  /** Fetches what a task reads, and what an earlier run of it has left. @param confirm that the job is still this worker's */
  async #prepare(task: Task, confirm: () => Promise<void>): Promise<Claim> {
    const { store, folder } = this;
    const inputs: string[] = [];
    for (const key of [...(task.inputs ?? []), ...task.needs]) inputs.push(...(await this.#fetch(key, task)));
    for (;;) {
      await confirm();
      const claim = await Claim.take(store, task.id);
      const { published } = claim;
      if (!isTraining(task)) return claim;
      await removeOthers(folder, task.output, new Set([...inputs, ...published.files.map(({ path }) => path)]));
      try {
        await fetchPublished(store, published, folder);
        return claim;
      } catch (error) {
        if (!(error instanceof DamagedBlobError)) throw error;
        // The training begins anew.
        await invalidate(store, published);
      }
    }
  }

  /** @returns the paths of the files */
  async #fetch(key: string, { name }: Task): Promise<string[]> {
    try {
      const published = await fetchLatest(this.store, key, this.folder);
      if (published?.finished === true) return published.files.map(({ path }) => path);
    } catch (error) {
      if (error instanceof DamagedArtifactError) await invalidate(this.store, error.published);
      throw error;
    }
    throw new StoreError(`${this.store.name}: ${key}, which ${name} reads, is not there; the sweep makes it again.`);
  }

  async #alone<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#fetching.then(action, action);
    this.#fetching = turn.catch(() => undefined);
    return turn;
  }
}
