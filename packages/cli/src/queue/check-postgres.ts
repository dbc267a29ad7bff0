import { MINIMUM_POSTGRES_VERSION, runMigrations } from 'bullmq';
import pg from 'pg';
import { ConfigError } from 'ts-diffusion/errors';
import { NAMESPACE } from './job.js';
import type { QueueAddress } from './queue-address.js';
import { passwordRefused, serverTooOld, unreachable } from './queue-errors.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** SQLSTATE of refused users and passwords. */
const REFUSED = new Set(['28P01', '28000']);

/**
 * Checks the server, and makes the queue's tables where they are missing.
 *
 * @throws ConfigError for a server that is out of reach, refuses the password, is too old, or lets this user make no tables
 */
export async function checkPostgres(address: QueueAddress): Promise<void> {
  const client = new pg.Client({ connectionString: address.url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
    checkPostgresVersion(Number(rows[0]?.server_version_num), address);
    await runMigrations(client, NAMESPACE);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code = '', message } = error as Error & { readonly code?: string };
    if (REFUSED.has(code) || /password/.test(message)) throw passwordRefused(address, message);
    if (/^[0-9A-Z]{5}$/.test(code)) {
      throw new ConfigError(
        `${address.shown} cannot be a queue: ${address.hide(message)}. The database must exist, and its user may make a schema.`,
      );
    }
    throw unreachable(address, error as Error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @param version PostgreSQL's `server_version_num`, 150018 for 15.18 */
export function checkPostgresVersion(version: number, address: QueueAddress): void {
  const major = Math.floor(version / 10_000);
  if (major < MINIMUM_POSTGRES_VERSION) {
    throw serverTooOld(address, `PostgreSQL ${major}`, String(MINIMUM_POSTGRES_VERSION));
  }
}
