import type { Dataset } from 'ts-diffusion/data';
import { EngineFailure } from './failure.js';

/** The training kept in this browser, so that it survives a reload. */
export interface StoredTraining {
  /** Another one with each change; absent in runs that were kept before there were revisions. */
  readonly revision?: string;
  readonly step: number;
  readonly steps: number;
  /** The digits it is trained on; of pictures, the classes that are drawn on the way. */
  readonly digits: readonly number[];
  /** What it is trained on, unless it is the digits of the package. */
  readonly pictures?: Dataset;
  readonly title: string;
  /** The loss at each of `lossSteps`. */
  readonly losses: readonly (readonly [step: number, loss: number])[];
  /** `checkpoint.safetensors`, as Node reads and writes it. */
  readonly checkpoint: Uint8Array;
}

const DATABASE = 'ts-diffusion';
const STORE = 'trainings';
/** There is one. */
const KEY = 'current';

export const loadTraining = (): Promise<StoredTraining | undefined> =>
  request<StoredTraining | undefined>('readonly', (store) => store.get(KEY) as IDBRequest<StoredTraining | undefined>);

/**
 * Keeps a training in place of the one that is kept.
 *
 * @param replaced revision of the one that is kept; undefined: there is none
 * @returns the revision of the new one
 * @throws EngineFailure (changed-elsewhere) where another tab has changed it: nothing is written then
 */
export async function saveTraining(training: StoredTraining, replaced: string | undefined): Promise<string> {
  const revision = crypto.getRandomValues(new Uint32Array(2)).join('-');
  await replace(replaced, (store) => store.put({ ...training, revision }, KEY));
  return revision;
}

/** @throws EngineFailure as `saveTraining` */
export const deleteTraining = (replaced: string | undefined): Promise<void> =>
  replace(replaced, (store) => store.delete(KEY));

/** Compares and changes in one transaction. */
async function replace(replaced: string | undefined, change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  const found = { changed: false };
  const perform = (store: IDBObjectStore): IDBRequest => {
    const current = store.get(KEY) as IDBRequest<StoredTraining | undefined>;
    current.onsuccess = () => {
      found.changed = current.result?.revision !== replaced;
      if (!found.changed) change(store);
    };
    return current;
  };
  await request('readwrite', perform);
  if (found.changed) throw new EngineFailure('changed-elsewhere', '');
}

/** Settles once the transaction is on disk, or failed as a whole. */
async function request<T>(mode: IDBTransactionMode, perform: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = perform(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        resolve(asked.result);
      };
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('the browser refused to store the training'));
      };
    });
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE);
    };
    opening.onsuccess = () => {
      resolve(opening.result);
    };
    opening.onerror = () => {
      reject(opening.error ?? new Error('the browser has no database for this page'));
    };
  });
}
