import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath } from '../commands/run-cli.js';
import { ending } from '../commands/training-child.js';
import { startRedis, type TestServer } from '../queue/test-servers.js';
import { sweepFolder } from '../sweep/sweep-child.js';
import type { TinyPlan } from '../sweep/tiny-plan.js';
import { writeEmbeddedDigits } from '../tiny-data.js';
import { credentials, S3Server } from './s3-server.js';

patientTests();
const { inFolder, start, finish, list } = sweepFolder();

let redis: TestServer;
let s3: S3Server;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), S3Server.start()]);
  Object.assign(process.env, credentials);
});
afterEach(async () => {
  await Promise.all(
    workers.splice(0).map(async (worker) => {
      const ended = ending(worker);
      if (worker.exitCode === null && worker.signalCode === null && worker.kill('SIGTERM')) await ended;
    }),
  );
});
afterAll(async () => {
  await Promise.all([redis.stop(), s3.stop()]);
});

const storeAt = (prefix: string): string[] => ['--store', `s3://bucket/${prefix}?endpoint=${s3.endpoint}`];
const over = (prefix: string): string[] => ['--queue', redis.url, ...storeAt(prefix)];

/** A worker with a folder of its own, in which it runs too. */
function startWorker(name: string, prefix: string): ChildProcess {
  mkdirSync(inFolder(name), { recursive: true });
  const args = ['worker', ...over(prefix), '--folder', 'own', '--lock-seconds', '3'];
  const worker = spawn(process.execPath, [cliPath, ...args], {
    cwd: inFolder(name),
    stdio: 'ignore',
    env: { ...process.env, DIFFUSION_CACHE_DIR: inFolder(name, 'cache') },
  });
  workers.push(worker);
  return worker;
}

/** All that a sweep is for. */
const results = (folder: string): unknown => ({
  html: readFileSync(inFolder(folder, 'sweep.html'), 'utf8'),
  markdown: readFileSync(inFolder(folder, 'sweep.md'), 'utf8'),
  pictures: list(folder, 'cells').map((key) =>
    readdirSync(inFolder(folder, 'cells', key))
      .filter((name) => name.endsWith('.png'))
      .map((name) => [key, name, readFileSync(inFolder(folder, 'cells', key, name), 'base64')]),
  ),
});

const checkpointsOf = (name: string): string[] =>
  list(name, 'own', 'trainings').filter((key) =>
    existsSync(inFolder(name, 'own/trainings', key, 'checkpoint.safetensors')),
  );

test('two workers without a shared folder give the report of a local sweep, to the byte, though one is killed', async () => {
  await writeEmbeddedDigits(inFolder('digits'));
  const plan: TinyPlan = { steps: 200, data: inFolder('digits'), count: 520, others: ['pictures: 1'] };
  const local = await finish('local', plan);
  expect(local, local.text).toMatchObject({ code: 0 });

  const killed = startWorker('one', 'sweep');
  const sweep = start('remote', plan, ...over('sweep'), '--shards', '2');
  await expect.poll(() => checkpointsOf('one').length, { timeout: 900_000 }).toBeGreaterThan(0);
  killed.kill('SIGKILL');
  startWorker('two', 'sweep');
  startWorker('three', 'sweep');
  expect(await sweep.end, sweep.text()).toMatchObject({ code: 0 });
  expect(results('remote')).toEqual(results('local'));
  expect(
    list('remote', 'trainings')
      .flatMap((key) => list('remote', 'trainings', key))
      .sort(),
  ).not.toContain('checkpoint.safetensors');
  const [data = ''] = list('two', 'own', 'inputs');
  expect(list('two', 'own', 'inputs', data)).toEqual(list('digits'));
  const [training = ''] = checkpointsOf('two');
  const config = readFileSync(inFolder('two', 'own', 'trainings', training, 'config.json'), 'utf8');
  expect(JSON.parse(config)).toMatchObject({ data: `inputs/${data}` });

  // A new coordinator, and in the store a damaged receipt, and a checkpoint that is damaged before it is scored.
  rmSync(inFolder('remote'), { recursive: true });
  const [receipt, other] = list('local', 'cells');
  const { from } = JSON.parse(readFileSync(inFolder('local', 'cells', other ?? '', 'setting.json'), 'utf8')) as {
    readonly from: { readonly training: string };
  };
  const damage = async (key: string, path: string): Promise<void> => {
    const reference = JSON.parse(Buffer.from(await s3.read(`sweep/references/${key}.json`)).toString()) as {
      readonly files: readonly { readonly path: string; readonly sha256: string }[];
    };
    const file = reference.files.find((each) => each.path.endsWith(path));
    const blob = `sweep/blobs/${key}/${file?.sha256 ?? ''}`;
    const bytes = await s3.read(blob);
    await s3.overwrite(
      blob,
      bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    );
  };
  await damage(receipt ?? '', 'receipt.json');
  await damage(from.training, 'checkpoint.safetensors');
  await s3.overwrite(`sweep/references/${other ?? ''}.json`, new Uint8Array());
  for (const name of ['two', 'three'])
    rmSync(inFolder(name, 'own/trainings', from.training), { recursive: true, force: true });
  const again = await finish('remote', plan, ...over('sweep'), '--shards', '2');
  expect(again, again.text).toMatchObject({ code: 0 });
  expect(results('remote')).toEqual(results('local'));
}, 1_800_000);

test('a store without a queue, one of another sweep, and a worker with another store: one sentence each', async () => {
  const refused = async (folder: string, ...options: string[]): Promise<string> => {
    const { code, text } = await finish(folder, {}, ...options);
    expect(code).toBe(1);
    expect(text.trim().split('\n')).toHaveLength(1);
    return text.trim();
  };
  expect(await refused('alone', ...storeAt('alone'))).toMatch(
    /^error: --store is where the workers of a queue leave .*; give --queue/,
  );
  mkdirSync(inFolder('taken'));
  writeFileSync(inFolder('taken/folder-id'), 'other\n');
  await s3.overwrite('taken/references/folder-id.json', new TextEncoder().encode('first'));
  expect(await refused('taken', ...over('taken'))).toMatch(
    /taken is the folder of another sweep than s3:\/\/bucket\/taken .*; give another --out or another --store\.$/,
  );
  expect(await refused('missing', '--queue', redis.url, '--store', `s3://nowhere/x?endpoint=${s3.endpoint}`)).toMatch(
    /^error: s3:\/\/nowhere\/x: there is no bucket nowhere at http:.*; make it, or give another one\.$/,
  );
});
