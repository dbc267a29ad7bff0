import { moduleAddresses } from '../../runtime/module-addresses.js';
import { namingOutOfMemory } from '../../runtime/out-of-memory.js';
import type { WorkerPort } from '../connection.js';
import type { TaskName, Tasks, ToWorker } from '../messages.js';
import { encodeError } from '../transferred-error.js';
import type { Task } from './task.js';
import { transferables } from './transferables.js';

/** A call under way. */
class Call {
  readonly abort = new AbortController();
  readonly #answers: boolean[] = [];
  #wake: (() => void) | undefined;

  /** @param last whether the caller will not listen any longer */
  next(last: boolean): void {
    this.#answers.push(!last);
    this.#wake?.();
  }

  async wanted(): Promise<boolean> {
    if (this.#answers.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#answers.shift() === true;
  }
}

/** What a worker does: each call by the task of its name, until it is cancelled or settled. */
export function serve(port: WorkerPort, tasks: { readonly [Name in TaskName]: Task<Name> }): void {
  const calls = new Map<number, Call>();

  const perform = async <Name extends TaskName>(id: number, name: Name, input: Tasks[Name]['input']): Promise<void> => {
    const call = new Call();
    calls.set(id, call);
    try {
      const value = await (tasks[name] as Task<Name>)(input, {
        report: (progress, transfer) => {
          port.post({ type: 'progress', id, value: progress }, transfer);
        },
        signal: call.abort.signal,
        wanted: () => call.wanted(),
      });
      port.post({ type: 'result', id, value }, transferables(value));
    } catch (error) {
      port.post({ type: 'error', id, error: encodeError(namingOutOfMemory(error)) });
    } finally {
      calls.delete(id);
    }
  };

  port.onMessage((message: ToWorker) => {
    switch (message.type) {
      case 'begin':
        Object.assign(moduleAddresses, message.modules);
        break;
      case 'call':
        void perform(message.id, message.task, message.input);
        break;
      case 'cancel':
        calls.get(message.id)?.abort.abort();
        break;
      case 'next':
        calls.get(message.id)?.next(message.last);
        break;
    }
  });
}
