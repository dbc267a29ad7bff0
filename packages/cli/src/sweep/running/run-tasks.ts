import type { Executor } from './executor.js';
import type { Task, TaskEnd, TaskProgress } from './task.js';

/** What happens while tasks run. */
export interface TaskEvents {
  /** It is given to the executor. */
  readonly onStart: (task: Task) => void;
  /** The executor has begun it. */
  readonly onBegin?: (task: Task) => void;
  readonly onProgress: (task: Task, progress: TaskProgress) => void;
  readonly onEnd: (task: Task, end: TaskEnd) => void;
}

/**
 * Runs tasks, each once the tasks are done that it needs, and otherwise in their order, as many at once as the executor takes. What
 * needs a task that failed fails with its error; everything else goes on. Once the signal is aborted nothing more is started.
 *
 * @returns how each task ended; those that never started are missing
 */
export async function runTasks(
  tasks: readonly Task[],
  executor: Executor,
  signal: AbortSignal,
  events: TaskEvents,
): Promise<ReadonlyMap<string, TaskEnd>> {
  const ends = new Map<string, TaskEnd>();
  const listed = new Set(tasks.map(({ id }) => id));
  const waiting = new Set(tasks);
  const running = new Map<Task, Promise<Task>>();
  const end = (task: Task, how: TaskEnd): void => {
    ends.set(task.id, how);
    events.onEnd(task, how);
  };

  const start = (task: Task): void => {
    waiting.delete(task);
    events.onStart(task);
    let isBegun = false;
    const run = {
      signal,
      onBegin: () => {
        if (!isBegun) events.onBegin?.(task);
        isBegun = true;
      },
      onProgress: (progress: TaskProgress) => {
        events.onProgress(task, progress);
      },
    };
    running.set(
      task,
      executor.run(task, run).then((how) => {
        end(task, how);
        return task;
      }),
    );
  };

  for (;;) {
    for (const task of waiting) {
      const needed = task.needs.filter((id) => listed.has(id)).map((id) => ends.get(id));
      const failed = needed.find((each) => each?.type === 'failed');
      if (failed !== undefined) {
        waiting.delete(task);
        end(task, failed);
      } else if (running.size < executor.slots && !signal.aborted && needed.every((each) => each?.type === 'done')) {
        start(task);
      }
    }
    if (running.size === 0) return ends;
    running.delete(await Promise.race(running.values()));
  }
}
