import { scoringBatches } from 'ts-diffusion/evaluation';
import type { Task } from '../sweep/running/task.js';

/** Fewer images take less time than a process needs to load networks and real images. */
const IMAGES_PER_SHARD = 2500;

/** An evaluation in parts: what the merge needs are the shards. */
export interface ShardedEvaluation {
  readonly shards: readonly [Task, ...Task[]];
  readonly merge: Task;
}

/**
 * How many shards an evaluation has.
 *
 * @param images of the evaluation
 * @param asked at most so many; default: one for each 2,500 images
 */
export function shardCount(images: number, asked = Math.round(images / IMAGES_PER_SHARD)): number {
  return Math.max(1, Math.min(asked, scoringBatches(images).length));
}

/** Where the shards of a task are, as seen from the folder of the sweep. */
export const shardsFolder = ({ output }: Task, of: number): string => `${output}/shards-${of}`;

/** An evaluation as shards and their merge, which writes the receipt. @param task an evaluation with a receipt */
export function shardEvaluation(task: Task, of: number): ShardedEvaluation {
  const at = task.command.indexOf('--receipt');
  const receipt = task.command.slice(at, at + 2);
  const others = task.command.toSpliced(at, 2);
  const folder = shardsFolder(task, of);
  const shard = (index: number): Task => ({
    ...task,
    id: `${task.id}-${index}-of-${of}`,
    name: `${task.name}, shard ${index}/${of}`,
    command: [...others, '--statistics', folder, '--shard', `${index}/${of}`],
    output: folder,
    work: task.work / of,
  });
  const shards: readonly [Task, ...Task[]] = [shard(1), ...Array.from({ length: of - 1 }, (_, i) => shard(i + 2))];
  const needs = shards.map(({ id }) => id);
  return {
    shards,
    merge: { ...task, name: `${task.name}, merge`, command: ['merge', folder, ...receipt], needs, phase: '', work: 0 },
  };
}
