import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HubServer } from '../../../ts-diffusion/test/data/hub-server.js';
import { goldenParquet } from '../../../ts-diffusion/test/golden/parquet.js';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { cliPath, type CliResult } from './run-cli.js';

const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);

let root: string;
let server: HubServer;
let endpoint: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cli-hub-'));
  server = new HubServer();
  endpoint = await server.start();
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

/** Not `runCli`, which waits: the server is in this process. */
function run(words: string, environment: Record<string, string> = {}): Promise<CliResult> {
  const env = {
    ...process.env,
    DIFFUSION_CACHE_DIR: join(root, 'cache'),
    HF_ENDPOINT: endpoint,
    HF_TOKEN: '',
    ...environment,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [cliPath, ...words.split(' ')],
      { cwd: root, env },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr });
      },
    );
  });
}

async function succeed(...given: Parameters<typeof run>): Promise<CliResult> {
  const result = await run(...given);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

const parquet = (name: 'train0' | 'train1' | 'test'): Uint8Array => Buffer.from(goldenParquet[name], 'base64');

describe('a data set of the Hub', () => {
  beforeEach(() => {
    const files = {
      'README.md': Buffer.from('# Pets'),
      'data/train-00000-of-00002.parquet': parquet('train0'),
      'data/train-00001-of-00002.parquet': parquet('train1'),
      'data/test-00000-of-00001.parquet': parquet('test'),
    };
    server.repositories.push({ kind: 'dataset', name: 'me/pets', commit: COMMIT, files });
  });

  test('is looked at, trained on at its commit, and resumed without network', async () => {
    const { stdout, stderr } = await succeed('data --data hf:me/pets');
    expect(stdout).toContain(`data           5 images of 8x8 RGB from hf:me/pets@${COMMIT}`);
    expect(stdout).toMatch(/^splits +test: 2, train: 5$/m);
    expect(stderr).toContain(`downloading hf:me/pets@${COMMIT} (3 files of 3)`);
    const train =
      'train --preset quick --data hf:me/pets --channels 8,16 --timesteps 20 --steps 2 --batch-size 4 --threads 1 --sampling-steps 0 --run run';
    await succeed(`${train} --sample-every 0`);
    const config = JSON.parse(readFileSync(join(root, 'run/config.json'), 'utf8')) as { data: string };
    expect(config.data).toBe(`hf:me/pets@${COMMIT}`);
    expect(readFileSync(join(root, 'run/checkpoint.safetensors')).toString('latin1')).toContain(`hf:me/pets@${COMMIT}`);
    // The branch moves on; the run does not.
    server.repositories.splice(0, 1, { kind: 'dataset', name: 'me/pets', commit: 'd'.repeat(40), files: {} });
    server.requests.length = 0;
    await succeed('train --run run --resume --steps 3');
    expect(server.requests).toEqual([]);
    const sample = await succeed('sample --run run --labels ant -n 1 --steps 2 --out ant.png');
    expect(sample.stdout).toContain('Classes: ant');
  });

  test('that is not there, or not to be reached: one sentence, and no run folder', async () => {
    const missing = await run('train --preset quick --data hf:me/dogs --run run');
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^.*hf:me\/dogs: .* has no dataset of this name, or it is private.*\n$/),
    ]);
    const offline = await run('train --preset quick --data hf:me/pets --offline --run run');
    expect([offline.code, offline.stderr]).toEqual([
      1,
      expect.stringContaining('not in the cache, and nothing is downloaded'),
    ]);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('diffusion push', () => {
  beforeEach(() => {
    writeTinyRun(join(root, 'run'));
    mkdirSync(join(root, 'run/samples'));
    for (const name of ['config.json', 'run.lock', '.hidden', 'samples/a b.png'])
      writeFileSync(join(root, 'run', name), name);
  });
  const write = { HF_TOKEN: 'hf_write' };

  test('makes a private repository and uploads the files of a run in one commit, large ones by LFS', async () => {
    const { stdout } = await succeed('push run hf:me/tiny --private -m A_tiny_run', write);
    expect(server.created).toEqual([{ name: 'tiny', organization: 'me', type: 'model', visibility: 'private' }]);
    const [upload] = server.uploads;
    expect(upload?.summary).toBe('A_tiny_run');
    expect(Object.keys(upload?.files ?? {}).sort()).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'samples/a b.png',
    ]);
    for (const [name, content] of Object.entries(upload?.files ?? {})) {
      expect(Buffer.from(content).equals(readFileSync(join(root, 'run', name))), name).toBe(true);
    }
    expect(stdout).toBe(`Uploaded 3 files to ${endpoint}/me/tiny (hf:me/tiny@${'1'.repeat(40)})\n`);
    expect(server.requests.some((request) => request.server === 'storage' && request.method === 'PUT')).toBe(true);
    expect(server.requests.every(({ server: at, authorization }) => at === 'hub' || authorization === undefined)).toBe(
      true,
    );
  });

  test('into a repository that exists, and below a folder of it', async () => {
    server.repositories.push({ kind: 'model', name: 'me/tiny', commit: COMMIT, files: {} });
    const { stderr } = await succeed('push run hf:me/tiny/versions/1 --private', write);
    expect(server.created).toEqual([]);
    expect(stderr).toContain('the repository me/tiny exists; whether it is private stays as it is');
    expect(Object.keys(server.uploads[0]?.files ?? {})).toContain('versions/1/config.json');
  });

  test.each<[string, string, Record<string, string>, string]>([
    [
      'no token',
      'push run hf:me/tiny',
      {},
      'HF_TOKEN is not set; an upload to hf:me/tiny needs a token that may write',
    ],
    [
      'a token that may only read',
      'push run hf:me/tiny',
      { HF_TOKEN: 'hf_read' },
      'the token in HF_TOKEN may not write there',
    ],
    ['no model', 'push cache hf:me/tiny', write, 'cache holds no model; expected a run folder'],
    ['no folder', 'push nowhere hf:me/tiny', write, 'cannot read the folder nowhere'],
    ['no address', 'push run me/tiny', write, '"me/tiny" is no address of the Hub; expected hf:owner/name'],
    ['no network', 'push run hf:me/tiny', { ...write, HF_ENDPOINT: 'http://127.0.0.1:9' }, 'cannot reach 127.0.0.1:9'],
  ])('%s: one sentence, nothing uploaded', async (_, words, environment, problem) => {
    mkdirSync(join(root, 'cache'));
    const { code, stderr } = await run(words, environment);
    expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
    expect(stderr.trim()).not.toContain('\n');
    expect(server.uploads).toEqual([]);
  });
});
