import { STOPPED } from '../stop-signal.js';
import { packageVersion } from '../version.js';
import { QueueExecutor, type QueueOptions } from './queue-executor.js';
import type { QueueServer } from './queue-server.js';
import { TroubleLines } from './trouble-lines.js';
import { presentWorkers, type PresentWorker } from './worker-presence.js';

/** Of a command whose server is gone. */
const LONGEST_END_MS = 3000;

/** An executor over a queue, and a word to the user where no worker takes its jobs. */
export async function coordinate(
  server: QueueServer,
  options: Omit<QueueOptions, 'onTrouble' | 'onLeft'>,
  write: (line: string) => void,
): Promise<QueueExecutor> {
  const troubles = new TroubleLines(write);
  const onTrouble = (error: Error): void => {
    troubles.tell(error);
  };
  const warning = withoutWorkers(await presentWorkers(server, onTrouble), options.tag, packageVersion());
  if (warning !== undefined) write(`${warning} The jobs wait for it.`);
  const onLeft = (jobs: number): void => {
    write(
      `The queue at ${server.address.shown} cannot be reached: up to ${jobs} jobs of this command stay in it, and workers do them once it is ` +
        'back; run the same command again to go on with them, or diffusion queue cancel --all to end all jobs.',
    );
    // A connection that is being made must not keep the process from its end.
    setTimeout(() => process.exit(STOPPED), LONGEST_END_MS).unref();
  };
  return QueueExecutor.create(server, { ...options, onTrouble, onLeft });
}

/** Why no worker takes jobs of a tag and version; undefined where one does. */
export function withoutWorkers(workers: readonly PresentWorker[], tag: string, version: string): string | undefined {
  const ofTag = workers.filter(({ tags }) => tags.includes(tag));
  if (ofTag.some((worker) => worker.version === version)) return undefined;
  const others = [...new Set(ofTag.map((worker) => worker.version))];
  const found =
    others.length === 0 ? '' : `; those that run are of version ${others.join(', ')}, and take only jobs of their own`;
  return `No worker of version ${version} takes jobs of the tag ${tag}${found}: start diffusion worker.`;
}
