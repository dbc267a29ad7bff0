import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { patient } from '../../../ts-diffusion/test/patience.js';
import { freePort } from '../free-port.js';

const PASSWORD = 'a secret/1';
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** A server of queues on a port of its own of the loopback interface, with a temporary folder. */
export interface TestServer {
  /** With its password. */
  readonly url: string;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** @throws Error that says what to install where the server is missing */
  readonly start: () => Promise<TestServer>;
}

/** Real servers; where one is not installed its tests fail and say so. */
export const serverKinds: readonly ServerKind[] = [
  { name: 'Redis', start: startRedis },
  { name: 'PostgreSQL', start: startPostgres },
];

/** A Redis that writes each change to its log, as one for queues should. @param more further options of `redis-server` */
export async function startRedis(more: readonly string[] = []): Promise<TestServer> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    throw new Error(
      'redis-server is not installed (Debian: apt-get install redis-server): the tests of queues need it.',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = await freePort();
  const options = {
    port,
    dir: folder,
    bind: '127.0.0.1',
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    requirepass: PASSWORD,
  };
  // The password in a file: a space in it would end the option.
  const lines = Object.entries(options).map(([name, value]) => `${name} "${value}"`);
  writeFileSync(join(folder, 'redis.conf'), `${lines.join('\n')}\n`);
  const url = `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn('redis-server', [join(folder, 'redis.conf'), ...more], { stdio: 'ignore' });
    await untilAnswers(() => pingRedis(url));
  };
  const end = (signal: NodeJS.Signals): Promise<void> => ended(child, signal);
  await start();
  return {
    url,
    restart: async () => {
      await end('SIGKILL');
      await start();
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function pingRedis(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

/** A PostgreSQL of Debian, which does not run as root: there as the user `postgres`. */
export async function startPostgres(): Promise<TestServer> {
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES).map(Number) : [];
  const programs = join(DEBIAN_POSTGRES, String(Math.max(0, ...versions)), 'bin');
  if (!existsSync(join(programs, 'postgres'))) {
    throw new Error('PostgreSQL is not installed (Debian: apt-get install postgresql): the tests of queues need it.');
  }
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const asRoot = process.getuid?.() === 0;
  const command = (program: string, args: readonly string[]): [string, string[]] =>
    asRoot
      ? ['runuser', ['-u', 'postgres', '--', join(programs, program), ...args]]
      : [join(programs, program), [...args]];
  const run = (program: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(...command(program, args), { encoding: 'utf8', cwd: folder });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  writeFileSync(join(folder, 'password'), PASSWORD);
  mkdirSync(join(folder, 'data'));
  if (asRoot) spawnSync('chown', ['-R', 'postgres', folder]);
  chmodSync(folder, 0o755);
  run('initdb', ['-D', 'data', '-U', 'worker', '--auth=scram-sha-256', '--pwfile=password', '--no-sync', '-E', 'UTF8']);
  const port = await freePort();
  const url = `postgres://worker:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'];
    const options = ['-D', 'data', '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    child = spawn(...command('postgres', options), { stdio: 'ignore', cwd: folder });
    await untilAnswers(() => pingPostgres(url));
  };
  /** SIGQUIT is PostgreSQL's own crash: it ends at once and recovers at its next start. */
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const exited = once(child, 'exit');
    const [pid = ''] = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), signal);
    await exited;
  };
  await start();
  return {
    url,
    restart: async () => {
      await end('SIGQUIT');
      await start();
    },
    stop: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function pingPostgres(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function untilAnswers(ask: () => Promise<void>): Promise<void> {
  const end = performance.now() + patient.timeout;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(100);
    }
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
