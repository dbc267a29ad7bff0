import { InvalidArgumentError, Option } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import { QUEUE_VARIABLE, queueAddress } from '../queue/queue-address.js';
import type { QueueServer } from '../queue/queue-server.js';

/** `--queue <url>`, or the environment variable. @param about what it does here */
export function queueOption(about: string): Option {
  return new Option('--queue <url>', about).env(QUEUE_VARIABLE);
}

/** @throws ConfigError where no queue is named, and as `QueueServer.open` */
export async function openQueue(url: string | undefined): Promise<QueueServer> {
  if (url === undefined || url === '') {
    throw new ConfigError(
      `Name the queue by --queue or the environment variable ${QUEUE_VARIABLE}, e.g. redis://localhost:6379.`,
    );
  }
  const address = queueAddress(url);
  const { QueueServer } = await import('../queue/queue-server.js');
  return QueueServer.open(address);
}

/** The tag of jobs, by which workers choose what they take. */
export const DEFAULT_TAG = 'cpu';

/** One tag: it is part of the name of a queue. */
export function tag(text: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,15}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'Expected a tag of up to 16 small letters, digits, dots and dashes, such as cpu or gpu.',
  );
}

/** Tags with commas between them. */
export const tags = (text: string): readonly string[] => [...new Set(text.split(',').map((each) => tag(each.trim())))];
