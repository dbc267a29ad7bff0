import { Redis } from 'ioredis';
import { ConfigError } from 'ts-diffusion/errors';
import type { QueueAddress } from './queue-address.js';
import { passwordRefused, serverTooOld, unreachable } from './queue-errors.js';

const OLDEST_REDIS = 6;
const CONNECT_TIMEOUT_MS = 10_000;

/** @throws ConfigError for a server that is out of reach, refuses the password, is too old, or may lose jobs */
export async function checkRedis(address: QueueAddress): Promise<void> {
  let problem: Error | undefined;
  const client = new Redis(address.url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // ioredis tells the reason by this event; the promise says only that the connection is closed.
  client.on('error', (error: Error) => (problem ??= error));
  try {
    await client.connect();
    checkRedisInfo(await client.info(), address);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { message } = problem ?? (error as Error);
    if (/WRONGPASS|NOAUTH|NOPERM|AUTH/.test(message)) throw passwordRefused(address, message);
    throw unreachable(address, problem ?? (error as Error));
  } finally {
    client.disconnect();
  }
}

/** @param info what the command INFO answers */
export function checkRedisInfo(info: string, address: QueueAddress): void {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim();
  const version = field('valkey_version') ?? field('redis_version') ?? '0';
  if (Number.parseInt(version) < OLDEST_REDIS) throw serverTooOld(address, `Redis ${version}`, `${OLDEST_REDIS}.0`);
  const policy = field('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    throw new ConfigError(
      `${address.shown} has the maxmemory-policy ${policy}, by which it drops jobs when its memory is full; set it to noeviction ` +
        '(redis-cli CONFIG SET maxmemory-policy noeviction).',
    );
  }
}
