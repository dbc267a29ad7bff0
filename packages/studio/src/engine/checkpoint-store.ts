/** The training kept in this browser, so that it survives a reload. */
export interface StoredTraining {
  readonly step: number;
  readonly steps: number;
  /** The classes it is trained on. */
  readonly digits: readonly number[];
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

export const saveTraining = (training: StoredTraining): Promise<IDBValidKey> =>
  request('readwrite', (store) => store.put(training, KEY));

export const deleteTraining = (): Promise<undefined> => request('readwrite', (store) => store.delete(KEY));

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
