import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { checkPostgresVersion } from '../../src/queue/check-postgres.js';
import { checkRedisInfo } from '../../src/queue/check-redis.js';
import { withoutWorkers } from '../../src/queue/coordinate.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueServer } from '../../src/queue/queue-server.js';
import { folderHere, referenceTo } from '../../src/queue/shared-folder.js';
import { runCli } from '../commands/run-cli.js';
import { serverKinds, startRedis, type TestServer } from './test-servers.js';
import { freePort } from '../free-port.js';

patientTests();

const open = (url: string): Promise<QueueServer> => QueueServer.open(queueAddress(url));
/** What an error says. */
const saidBy = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

describe('the URL of a queue', () => {
  test.each([
    ['amqp://me:secret@host', /^--queue .* is a URL of the scheme "amqp"; expected redis:\/\/HOST:PORT/],
    ['localhost', /^--queue .* is no URL; expected/],
    ['redis://', /names no host; expected e\.g\. redis:\/\/localhost\.$/],
  ])('%s is refused without its password', (url, message) => {
    const said = saidBy(() => queueAddress(url));
    expect(said).toMatch(message);
    expect(said).not.toContain('secret');
  });

  test('is shown without its password', () => {
    const { kind, shown } = queueAddress('postgresql://me:secret@host:5433/jobs?sslmode=require');
    expect({ kind, shown }).toEqual({ kind: 'postgres', shown: 'postgresql://host:5433/jobs' });
    expect(queueAddress('rediss://:secret@host').shown).toBe('rediss://host');
    expect(queueAddress('redis://secret@host').shown).toBe('redis://host');
    expect(queueAddress('postgres://host/jobs?user=secret&password=secret').shown).toBe('postgres://host/jobs');
  });

  test('hides what it says of user and password in messages of the server, also decoded', () => {
    const { hide } = queueAddress('postgres://me%20too:sec%2Fret@host/jobs?sslpassword=third&sslmode=require');
    expect(hide('user "me too" (me%20too), password sec/ret, third, sslmode require')).toBe(
      'user "***" (***), password ***, ***, sslmode require',
    );
  });

  test.each(['redis://sec/ret@host', 'redis://sec#ret@host', 'redis://sec?ret@host', 'redis://me:1/ret@host/0'])(
    '%s, whose password is not escaped, is refused without it',
    (url) => {
      const said = saidBy(() => queueAddress(url));
      expect(said).toMatch(/in user and password write %40 for "@", %2F for "\/"/);
      expect(said).not.toMatch(/sec|ret@/);
    },
  );
});

describe.each(serverKinds)('$name', ({ start }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  test('a wrong password, or none, is refused in one sentence that does not tell it', async () => {
    const wrong = server.url.replace(/:[^:@]*@/, ':wrong-one@');
    await expect(open(wrong)).rejects.toThrow(
      /refuses the user or the password \(.*\); give them in the URL, USER:PASSWORD@HOST\.$/,
    );
    await expect(open(wrong)).rejects.not.toThrow(/wrong-one/);
    await expect(open(server.url.replace(/:[^:@]*@/, '@'))).rejects.toThrow(/refuses the user or the password/);
    const asUser = server.url.replace(/\/\/[^@]*@/, '//wrong-one@');
    await expect(open(asUser)).rejects.toThrow(/refuses the user or the password/);
    await expect(open(asUser)).rejects.not.toThrow(/wrong-one/);
  });

  test('a port on which nobody listens', async () => {
    const url = server.url.replace(/:\d+(\/|$)/, `:${await freePort()}$1`);
    await expect(open(url)).rejects.toThrow(
      /cannot be reached \(ECONNREFUSED\); check the address, and that the server is running/,
    );
  });
});

test('a Redis that drops keys when its memory is full is refused', async () => {
  const server = await startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']);
  try {
    await expect(open(server.url)).rejects.toThrow(
      /has the maxmemory-policy allkeys-lru, by which it drops jobs .*; set it to noeviction/,
    );
  } finally {
    await server.stop();
  }
});

test('old servers are refused with what is needed', () => {
  const redis = queueAddress('redis://host');
  const info = (fields: string): string => `# Server\r\n${fields}\r\nmaxmemory_policy:noeviction\r\n`;
  expect(
    saidBy(() => {
      checkRedisInfo(info('redis_version:5.0.14'), redis);
    }),
  ).toBe('The queue at redis://host is Redis 5.0.14; version 6.0 or later is needed.');
  checkRedisInfo(info('redis_version:7.0.15'), redis);
  // Valkey says that it is Redis 7.2.4 as well.
  checkRedisInfo(info('redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0'), redis);
  const postgres = queueAddress('postgres://host/jobs');
  expect(
    saidBy(() => {
      checkPostgresVersion(120_022, postgres);
    }),
  ).toBe('The queue at postgres://host/jobs is PostgreSQL 12; version 13 or later is needed.');
  checkPostgresVersion(150_018, postgres);
});

test('workers of another version or tag are named to the user', () => {
  const worker = { name: 'host:1', version: '0.0.9', tags: ['cpu'], slots: 1 };
  expect(withoutWorkers([worker], 'cpu', '0.1.0')).toBe(
    'No worker of version 0.1.0 takes jobs of the tag cpu; those that run are of version 0.0.9, and take only jobs of their own: start diffusion worker.',
  );
  expect(withoutWorkers([worker], 'gpu', '0.0.9')).toBe(
    'No worker of version 0.0.9 takes jobs of the tag gpu: start diffusion worker.',
  );
  expect(withoutWorkers([worker], 'cpu', '0.0.9')).toBeUndefined();
});

describe('the command line', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-'));
    writeFileSync(join(folder, 'plan.yaml'), 'base: { model: quick }\naxes: { sample.guidanceWeight: [0] }\n');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    [
      'worker',
      /^error: Name the queue by --queue or the environment variable DIFFUSION_QUEUE, e\.g\. redis:\/\/localhost:6379\.$/,
    ],
    ['worker --queue ftp://host', /^error: --queue .* is a URL of the scheme "ftp"; expected .*\.$/],
    [
      'worker --queue redis://host --slots 3 --threads 2',
      /^error: --threads 2 is fewer than the 3 jobs of --slots and --tags/,
    ],
    ['worker --queue redis://host --tags CPU', /Expected a tag of up to 16 small letters/],
    ['queue cancel --queue redis://host', /^error: Name the jobs to cancel, or give --all\.$/],
    ['queue show abc --queue redis://host', /^error: show takes no jobs: it lists all of them\.$/],
    [
      'sweep plan.yaml --jobs 2 --queue redis://host',
      /^error: --jobs is for this machine; with --queue .* the --slots of the workers say/,
    ],
  ])('%s is refused', (args, message) => {
    const { code, stderr } = runCli(args.split(' '), folder, { DIFFUSION_QUEUE: undefined });
    expect(code).toBe(1);
    expect(stderr.split('\n')[0]).toMatch(message);
  });

  test('a folder that is not there, or another one, is named with what to do', () => {
    const [own, other] = [join(folder, 'own'), join(folder, 'other')];
    for (const each of [own, other]) mkdirSync(each);
    const reference = referenceTo(own);
    expect(referenceTo(own)).toEqual(reference);
    referenceTo(other);
    expect(folderHere(reference, undefined)).toBe(own);
    expect(saidBy(() => folderHere(reference, other))).toMatch(
      /is the folder of another sweep on this machine, .* name its path by --folder\.$/,
    );
    expect(saidBy(() => folderHere(reference, join(folder, 'none')))).toMatch(
      /is not the folder of a sweep on this machine/,
    );
  });
});
