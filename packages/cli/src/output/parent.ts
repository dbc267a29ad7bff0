/** What a command tells the process that started it. */
export interface ReportedProgress {
  /** What is being done: `training`, `sampling`, or something short beside these. */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** What else is worth showing, e.g. the loss. */
  readonly detail: string;
}

/** Set for children whose parent listens, in the environment. */
export const REPORTS = 'DIFFUSION_REPORTS';

/** Between two reports of a child. */
export const REPORT_INTERVAL_MS = 250;

/** Whether this process was started by one that listens to its progress. */
const hasListener = (): boolean => process.env[REPORTS] === 'ipc' && process.connected;

/** Tells the parent, where it listens. */
export function reportToParent(progress: ReportedProgress): void {
  if (hasListener()) process.send?.(progress, undefined, undefined, () => undefined);
}

/**
 * Lets the end of a parent that listens count as SIGTERM: a training writes a checkpoint and stops, instead of working for nobody in a
 * folder that others wait for.
 */
export function stopWithParent(): void {
  if (!hasListener()) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Listening to it must not keep a finished command alive.
  process.channel?.unref();
}
