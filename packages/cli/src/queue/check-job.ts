import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { innerPath } from '../store/published.js';
import { OUTPUTS } from '../store/task-files.js';

/** What sweeps and trainings in replicas consist of. */
const COMMANDS = ['train', 'sample', 'evaluate', 'merge'];
/** Options that name what is written, and trainings, which have files written into them. */
const INNER = ['--run', ...OUTPUTS];
/** An option in a form that `INNER` would not recognise: `-o`, `-oPATH`, `--out=PATH`. Numbers may be negative. */
const OTHER_FORM = /^(?:-[a-z]|--[^=]+=)/i;

const key = z.string().regex(/^\w[\w.-]*$/);
const command = z
  .array(z.string())
  .refine(([name = '']) => COMMANDS.includes(name), 'a command that no sweep has')
  .refine((all) => !all.some((argument) => OTHER_FORM.test(argument)), 'an option in short form or with "="')
  .refine((all) => all.every((argument, i) => isInner(all[i - 1], argument)), 'a path outside the folder of the sweep');

const jobSchema = z.object({
  task: z.object({
    ...{ id: key, name: z.string(), command, output: innerPath },
    needs: z.array(key),
    inputs: z.array(key).optional(),
    work: z.number(),
    begun: z.number(),
    phase: z.string(),
  }),
  folder: z.object({ id: key, path: z.string() }),
  threads: z.int().min(1).max(1024).optional(),
});

/** A training in replicas runs in its own folder. */
function isInner(option: string | undefined, argument: string): boolean {
  if (!INNER.includes(option ?? '')) return true;
  return innerPath.safeParse(argument).success || (option === '--run' && argument === '.');
}

/**
 * Checks what a queue gives to a worker: it runs commands, and whoever can write to the queue must not make it run others than sweeps do,
 * nor write outside the folder of the sweep.
 *
 * @throws UnrecoverableError for anything else; the job fails, and is not tried again
 */
export function checkJob(data: unknown): void {
  const { error } = jobSchema.safeParse(data);
  if (error === undefined) return;
  const [issue] = error.issues;
  throw new UnrecoverableError(
    `The job is none of a sweep: ${['data', ...(issue?.path ?? [])].join('.')} is not valid (${issue?.message ?? ''}). Find out who put it into the queue.`,
  );
}
