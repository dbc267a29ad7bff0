import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { HubServer } from '../../../ts-diffusion/test/data/hub-server.js';
import { diffusersFiles, smallestUNet2D, writeFiles } from '../../../ts-diffusion/test/golden/diffusers-files.js';
import { unet2dOf } from '../../../ts-diffusion/test/golden/unet2d.js';
import { cliPath, type CliResult } from './run-cli.js';

const COMMIT = 'facade'.repeat(7).slice(0, 40);

const network = unet2dOf(smallestUNet2D);
const files = diffusersFiles();

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'import-'));
  writeFiles(join(root, 'theirs'), files);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Not `runCli`, which waits: the server is in this process. */
function run(line: string, environment: Record<string, string> = {}): Promise<CliResult> {
  const env = { ...process.env, DIFFUSION_DATA_DIR: '', DIFFUSION_CACHE_DIR: join(root, 'cache'), ...environment };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cliPath, ...line.split(' ')], { cwd: root, env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

async function succeed(...given: Parameters<typeof run>): Promise<CliResult> {
  const result = await run(...given);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

test('a folder of diffusers is imported, drawn from, and trained further with its own network', async () => {
  const { stdout } = await succeed('import theirs --out ours');
  expect(stdout).toMatch(/^network +unet2d, [\d,]+ parameters$/m);
  expect(stdout).toMatch(/^schedule +linear, T = 20; predicts epsilon$/m);
  await succeed('sample --model ours -n 2 --steps 3 --out drawn.png --threads 1');
  expect(readFileSync(join(root, 'drawn.png')).length).toBeGreaterThan(100);

  const { imageSize: side, imageChannels: channels } = network;
  mkdirSync(join(root, 'pictures'));
  for (let i = 0; i < 4; i++) {
    const random = new RandomStream(i);
    const pixels = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
    writeFileSync(join(root, 'pictures', `${i}.png`), encodePng(pixels, side, side, 3));
  }
  const color = channels === 1 ? 'gray' : 'rgb';
  const train = `train --initial-weights ours --data pictures --image-size ${side} --color ${color} --steps 2 --batch-size 2 --sample-every 0 --threads 1`;
  const trained = await succeed(`${train} --run run`);
  expect(trained.stderr + trained.stdout).toMatch(/unet2d/);
  const config = JSON.parse(readFileSync(join(root, 'run', 'config.json'), 'utf8')) as Record<string, unknown>;
  expect(config).toMatchObject({ model: 'unet2d', timesteps: 20, schedule: 'linear', prediction: 'epsilon' });
}, 120_000);

test('a model of the Hub is downloaded into the cache, named by its commit, and then needs no network', async () => {
  const server = new HubServer();
  server.repositories.push({ kind: 'model', name: 'me/tiny', commit: COMMIT, files });
  const endpoint = { HF_ENDPOINT: await server.start(), HF_TOKEN: '' };
  try {
    const { stdout } = await succeed('import hf:me/tiny --out from-hub', endpoint);
    expect(stdout).toMatch(new RegExp(`^model +hf:me/tiny@${COMMIT}$`, 'm'));
    await succeed('import theirs --out from-folder');
    const weights = (folder: string): Buffer => readFileSync(join(root, folder, 'model.safetensors'));
    expect(weights('from-hub').equals(weights('from-folder'))).toBe(true);
    server.requests.length = 0;
    await succeed('import hf:me/tiny --out again --offline', endpoint);
    expect(server.requests).toEqual([]);
    const missing = await run('import hf:me/others --out others', endpoint);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^error: .*hf:me\/others/m);
  } finally {
    await server.stop();
  }
}, 120_000);

test('a folder of something else is refused in one sentence', async () => {
  mkdirSync(join(root, 'empty'), { recursive: true });
  const refused = await run('import empty --out nothing');
  expect(refused.code).toBe(1);
  expect(refused.stderr.match(/^error: /gm)).toHaveLength(1);
});
