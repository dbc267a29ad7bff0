import { z } from 'zod';
import { failureOf } from './failure.js';
import type { Request, Response, TaskName, Tasks } from './protocol.js';
import { edit, inpaint, interpolate } from './tasks/change.js';
import { guidanceMap } from './tasks/guidance-map.js';
import { open } from './tasks/open.js';
import { sample } from './tasks/sample.js';
import type { Task } from './tasks/task.js';
import { train } from './tasks/train.js';

// A page with a content security policy has no `eval`, and asking for it is reported as an error.
z.config({ jitless: true });

const tasks: { readonly [K in TaskName]: Task<K> } = {
  open,
  sample,
  guidanceMap,
  interpolate,
  inpaint,
  edit,
  train,
};

const running = new Map<number, AbortController>();
let last: Promise<unknown> = Promise.resolve();

const send = (response: Response, transfer: Transferable[] = []): void => {
  postMessage(response, { transfer });
};

onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.task === 'cancel') {
    running.get(data.id)?.abort();
    return;
  }
  const { id } = data;
  const controller = new AbortController();
  running.set(id, controller);
  // One after the other: the library's WASM module can do one thing at a time.
  last = last.then(() => perform(data, controller.signal)).finally(() => running.delete(id));
};

async function perform<K extends TaskName>(
  { id, task, input }: { id: number; task: K; input: Tasks[K]['input'] },
  signal: AbortSignal,
): Promise<void> {
  try {
    signal.throwIfAborted();
    const report = (progress: Tasks[K]['progress'], transfer?: Transferable[]): void => {
      send({ id, progress }, transfer);
    };
    send({ id, result: await (tasks[task] as Task<K>)(input, { report, signal }) });
  } catch (error) {
    const { kind, message } = failureOf(error);
    send({ id, failure: { kind, message } });
  }
}

/** Held as long as this worker lives. Where the page is not served securely there are no locks to watch. */
if ('locks' in navigator) {
  const lock = `engine-${crypto.randomUUID()}`;
  void navigator.locks.request(lock, () => {
    send({ id: 0, lock });
    return new Promise(() => undefined);
  });
}
