import { packageVersion } from '../version.js';
import { QueueExecutor, type QueueOptions } from './queue-executor.js';
import type { QueueServer } from './queue-server.js';
import { TroubleLines } from './trouble-lines.js';
import { presentWorkers, type PresentWorker } from './worker-presence.js';

/** An executor over a queue, and a word to the user where no worker takes its jobs. */
export async function coordinate(
  server: QueueServer,
  options: Omit<QueueOptions, 'onTrouble'>,
  write: (line: string) => void,
): Promise<QueueExecutor> {
  const troubles = new TroubleLines(write);
  const onTrouble = (error: Error): void => {
    troubles.tell(error);
  };
  const warning = withoutWorkers(await presentWorkers(server, onTrouble), options.tag, packageVersion());
  if (warning !== undefined) write(`${warning} The jobs wait for it.`);
  return QueueExecutor.create(server, { ...options, onTrouble });
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
