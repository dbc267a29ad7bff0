import { outputsOf } from '../store/task-files.js';
import { keyOf } from '../content-key.js';
import type { Task } from '../sweep/running/task.js';

/** A folder that the coordinator and all workers see, perhaps under different paths. */
export interface FolderReference {
  /** What is in its file `folder-id`. */
  readonly id: string;
  /** Its path where the coordinator runs. */
  readonly path: string;
}

/** Why a job is to end before its work is done: its coordinator stops, or somebody cancelled it. */
export type Withdrawal = 'stopped' | 'cancelled';

/** What a job carries: references, never images. */
export interface JobData {
  readonly task: Task;
  readonly folder: FolderReference;
  /** Of the program that made the job; workers of others do not take it. */
  readonly version: string;
  /** Threads to compute with; absent: as many as the worker gives each job. */
  readonly threads?: number;
  /** Shards whose results this job merges. */
  readonly shards?: number;
  readonly withdrawn?: Withdrawal;
}

/** How a job ended that did not fail. */
export interface JobResult {
  readonly type: 'done' | Withdrawal;
  /** The worker that ran its last slice. */
  readonly worker: string;
}

/** What a worker tells of a job that runs. */
export interface JobProgressReport {
  /** Of the work, 0..1. */
  readonly share: number;
  readonly detail: string;
}

/** Key prefix in Redis, schema in PostgreSQL. */
export const NAMESPACE = 'diffusion';

/** Jobs of another version are in another queue, so that no worker computes with other code than the coordinator expects. */
export const queueName = (tag: string, version: string): string => `tasks-${tag}-${version}`;

/**
 * The id of a task's job: the same task of the same folder with the same outputs is one job, whoever submits it. The id of a task says what
 * decides its result, not where that is written.
 */
export function jobId(folder: Pick<FolderReference, 'id'>, task: Pick<Task, 'id' | 'command' | 'output'>): string {
  return `${folder.id}-${task.id}-${keyOf('outputs', outputsOf(task)).slice(0, OUTPUT_DIGITS)}`;
}

/** Jobs that are begun are finished first, so that results come early: a lower number goes first. */
const ranks = { merge: 0, evaluate: 1, sample: 1, train: 2 } as const;
const RANKS = 3;

const OUTPUT_DIGITS = 8;

/** The priority of a sweep unless it is given another; of two sweeps the one with the lower number goes first. */
export const DEFAULT_PRIORITY = 100;
export const MOST_PRIORITY = 1000;

/** BullMQ's priority of a job. @param priority of its sweep, 1..1000 */
export function jobPriority(command: string | undefined, priority: number): number {
  const rank = command !== undefined && command in ranks ? ranks[command as keyof typeof ranks] : RANKS - 1;
  return RANKS * (priority - 1) + rank + 1;
}

const DAY_SECONDS = 24 * 3600;
/** What is kept of finished jobs, for `diffusion queue`: a coordinator that looks later finds the result in the folder. */
export const KEPT = {
  removeOnComplete: { age: DAY_SECONDS, count: 1000 },
  removeOnFail: { age: 7 * DAY_SECONDS, count: 1000 },
} as const;

/** How often a worker may be lost while it runs a job, until that fails. Each costs at most a slice. */
export const MOST_STALLS = 100;
