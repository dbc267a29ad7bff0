import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** Puts a child process below this server, which has to answer while all cores compute. */
export function lowerPriority({ pid }: ChildProcess): void {
  if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
}
