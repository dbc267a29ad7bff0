import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../../src/commands.js';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import type { ScoredImages } from '../../../ts-diffusion/src/evaluation/scored-images.js';
import { HubServer } from '../../../ts-diffusion/test/data/hub-server.js';
import { digitSets } from '../../../ts-diffusion/test/evaluation/untrained-networks.js';
import { diffusersFiles, writeFiles } from '../../../ts-diffusion/test/golden/diffusers-files.js';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { startRedis } from '../queue/test-servers.js';
import { cliPath, runCli } from './run-cli.js';

patientTests();

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'privacy-'));
  for (const folder of ['home', 'tmp', 'work', 'work/data']) mkdirSync(join(root, folder));
  writeFiles(join(root, 'work/theirs'), diffusersFiles());
  writeFileSync(
    join(root, 'work/plan.json'),
    JSON.stringify({
      base: { model: 'quick' },
      sample: { samplingSteps: 2 },
      axes: { 'sample.guidanceWeight': [0] },
      evaluate: { count: 20, data: 'data' },
    }),
  );
  const [training, test] = (await digitSets(150, 120)) as [ScoredImages, ScoredImages];
  for (const [split, { images, labels, count, height, width }] of Object.entries({ train: training, t10k: test })) {
    const path = (what: string): string => join(root, 'work/data', `${split}-${what}`);
    writeFileSync(path('images-idx3-ubyte'), encodeIdx({ shape: [count, height, width], data: images }));
    writeFileSync(path('labels-idx1-ubyte'), encodeIdx({ shape: [count], data: Uint8Array.from(labels ?? []) }));
  }
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A home, a current and a temporary folder of the test's own; as on a machine where nobody has set anything. */
const environment = (): NodeJS.ProcessEnv => ({
  ...{ HOME: join(root, 'home'), USERPROFILE: join(root, 'home') },
  ...{ TMPDIR: join(root, 'tmp'), TEMP: join(root, 'tmp'), TMP: join(root, 'tmp') },
  ...{ XDG_CACHE_HOME: undefined, XDG_CONFIG_HOME: undefined, XDG_DATA_HOME: undefined, XDG_STATE_HOME: undefined },
  ...{ DIFFUSION_CACHE_DIR: undefined, DIFFUSION_DATA_DIR: undefined, ORT_DISABLE_TELEMETRY: undefined },
});

/** Each command with what it takes to end soon, and the places that its user names. */
const examples: Record<string, { readonly args: string; readonly named: readonly string[] }> = {
  train: {
    args: 'train --preset quick --run run --steps 2 --channels 8,16 --sample-every 2 --sampling-steps 2 --samples-per-class 1 --data data --threads 1',
    named: ['run'],
  },
  distill: {
    args: 'distill --model modern --run distilled --updates 2 --regression-updates 1 --regression-images 2 --batch-size 2 --sample-every 0 --threads 1',
    named: ['distilled'],
  },
  start: { args: 'start --run run', named: ['run/digits.png'] },
  sample: {
    args: 'sample --run run --per-class 1 --out drawn.png --animate --threads 1',
    named: ['drawn.png', 'drawn.gif'],
  },
  merge: { args: 'merge shards --out merged.png', named: ['merged.png', 'shards'] },
  sweep: { args: 'sweep plan.json --out swept --threads 1', named: ['swept'] },
  worker: { args: 'worker --threads 1', named: [] },
  queue: { args: 'queue', named: [] },
  interpolate: { args: 'interpolate --run run --from 1 --to 7 --frames 2 --out between.png', named: ['between.png'] },
  inpaint: { args: 'inpaint --run run --data data --digits 1 --count 1 --out filled.png', named: ['filled.png'] },
  edit: { args: 'edit --run run --data data --digits 1 --labels 7 --out edited.png', named: ['edited.png'] },
  noise: { args: 'noise --data data --out noise.png', named: ['noise.png'] },
  data: { args: 'data --data data --out sheet.png', named: ['sheet.png'] },
  export: { args: 'export --run run --out exported', named: ['exported'] },
  evaluate: {
    args: 'evaluate --run run --data data --count 20 --near-copies 0 --threads 1 --receipt receipt.json',
    named: ['receipt.json'],
  },
  'train-evaluator': {
    args: 'train-evaluator --data data --epochs 1 --out net.safetensors --threads 1',
    named: ['net.'],
  },
  compare: { args: 'compare receipt.json receipt.json', named: [] },
  reproduce: {
    args: 'reproduce --out study --protocols corrected --parts table3 --budget tiny,steps=2,samples=12,channels=2-4,batch=4,sampling-steps=3 --data data --threads 1',
    named: ['study'],
  },
  import: { args: 'import theirs --out imported', named: ['imported'] },
  push: { args: 'push exported hf:me/digits', named: [] },
  doctor: { args: 'doctor --data data --threads 1', named: [] },
  studio: { args: 'studio --runs runs --port 0', named: ['runs'] },
};

const files = (): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)));

test('there is an example of every command', () => {
  expect(Object.keys(examples).sort()).toEqual(commands.map(({ name }) => name).sort());
});

test.each(Object.entries(examples))(
  '%s writes what its user names and the cache, and nothing else',
  async (name, example) => {
    const before = new Set(files());
    if (name === 'studio') await trainInStudio(example.args.split(' '));
    else if (name === 'push') await pushToServer(example.args.split(' '));
    else if (name === 'worker' || name === 'queue') await withQueue(example.args.split(' '));
    else {
      // What it merges is drawn first.
      if (name === 'merge')
        runCli(['sample', '--run', 'run', '--shard', '1/1', '--out', 'shards'], join(root, 'work'), environment());
      const { code, stderr } = runCli(example.args.split(' '), join(root, 'work'), environment());
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error:') as string });
    }
    const allowed = [join('home', '.cache', 'ts-diffusion'), ...example.named.map((path) => join('work', path))];
    const written = files().filter((path) => !before.has(path));
    expect(written.filter((path) => !allowed.some((place) => path.startsWith(place)))).toEqual([]);
    if (example.named.length > 0) expect(written).not.toEqual([]);
  },
);

/** Uploads to a Hub in this process, which `runCli` would hold up. */
async function pushToServer(args: readonly string[]): Promise<void> {
  const server = new HubServer();
  const hub = { HF_ENDPOINT: await server.start(), HF_TOKEN: 'hf_write' };
  try {
    const env = { ...process.env, ...environment(), ...hub };
    const child = spawn(process.execPath, [cliPath, ...args], { cwd: join(root, 'work'), env, stdio: 'ignore' });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(server.uploads).toHaveLength(1);
  } finally {
    await server.stop();
  }
}

/** Looks at a queue, or works for it until it is told to stop. */
async function withQueue(args: readonly string[]): Promise<void> {
  const server = await startRedis();
  try {
    const env = { ...process.env, ...environment(), DIFFUSION_QUEUE: server.url };
    const child = spawn(process.execPath, [cliPath, ...args], { cwd: join(root, 'work'), env });
    const ended = once(child, 'close');
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
    if (args[0] === 'worker') {
      await expect.poll(() => output, patient).toContain('takes jobs from redis://127.0.0.1');
      child.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    if (args[0] === 'queue') expect(output).toContain('cpu: 0 waiting, 0 running, 0 done, 0 failed\nno workers');
  } finally {
    await server.stop();
  }
}

/** Serves the studio while a training is started in it, which is a child process of a child process. */
async function trainInStudio(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: join(root, 'work'),
    env: { ...process.env, ...environment() },
  });
  try {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
    const ended = once(child, 'close');
    await expect.poll(() => output, patient).toContain('Studio: ');
    const config = {
      steps: 2,
      channels: [8, 16],
      batchSize: 4,
      timesteps: 10,
      samplingSteps: 0,
      threads: 1,
      offline: true,
    };
    await fetch(`${/http:\/\/\S+/.exec(output)?.[0] ?? ''}/api/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'a', preset: 'quick', config }),
    });
    await expect.poll(() => existsSync(join(root, 'work/runs/a/checkpoint.safetensors')), patient).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
}
