import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import type { RunDetail, RunSummary } from '../../src/studio/api.js';
import { SampleQueue } from '../../src/studio/sample-queue.js';
import { denoiserParameters } from '../../../ts-diffusion/src/models/denoiser-network.js';
import { RunLock } from '../../../ts-diffusion/src/node/training/run-lock.js';
import { encodeCheckpoint } from '../../../ts-diffusion/src/training/checkpoint-format.js';
import { tinyCheckpoint, tinyUNet } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { cliPath, runCli } from '../commands/run-cli.js';
import { eventually, studioUnderTest, writeRun } from './studio-folder.js';

const studio = studioUnderTest();

const get = async <T>(url: string): Promise<T> => (await studio().app.inject({ url })).json<T>();
const post = (url: string, payload: object) => studio().app.inject({ method: 'POST', url, payload });
const detail = (run: string): Promise<RunDetail> => get(`/api/runs/${run}`);

test('lists the runs with how far they are', async () => {
  mkdirSync(join(studio().root, 'runs/no-run'));
  expect(await get<RunSummary[]>('/api/runs')).toMatchObject([
    { name: 'tiny', status: 'finished', ours: false, step: 3, steps: 3, loss: 1 / 3, msPerStep: 5 },
  ]);
});

test('tells everything of one run', async () => {
  const { root, app } = studio();
  mkdirSync(join(root, 'runs/tiny/receipts'));
  writeFileSync(join(root, 'runs/tiny/receipts/a.json'), '{"scores":[]}');
  writeFileSync(join(root, 'runs/tiny/receipts/broken.json'), '{');
  expect(await detail('tiny')).toMatchObject({
    config: { steps: 3, batchSize: 4 },
    checkpoints: ['checkpoint.safetensors'],
    samples: ['step-000002.png', 'step-000003.png'],
    receipts: { 'a.json': { scores: [] }, 'broken.json': null },
  });
  const { rawPayload } = await app.inject('/api/runs/tiny/samples/step-000003.png');
  expect(decode(rawPayload)).toMatchObject({ width: 3, height: 1 });
  expect((await app.inject('/api/runs/none')).json()).toEqual({ error: 'There is no none in the runs folder.' });
});

test.each<[string, (folder: string) => void, Partial<RunSummary>]>([
  [
    'metrics that are a folder',
    (folder) => {
      mkdirSync(join(folder, 'metrics.jsonl'));
    },
    { status: 'stopped', step: 0 },
  ],
  [
    'lines that are no metrics',
    (folder) => {
      writeFileSync(join(folder, 'metrics.jsonl'), 'null\n[]\n7\n');
    },
    { step: 0 },
  ],
  [
    'a lock that is none',
    (folder) => {
      writeFileSync(join(folder, 'run.lock'), 'null');
    },
    {},
  ],
  [
    'a lock that is a folder',
    (folder) => {
      mkdirSync(join(folder, 'run.lock'));
    },
    {},
  ],
  [
    'a configuration that is a list',
    (folder) => {
      writeFileSync(join(folder, 'config.json'), '[]');
    },
    { steps: 0 },
  ],
  [
    'receipts that are a file',
    (folder) => {
      writeFileSync(join(folder, 'receipts'), '');
    },
    {},
  ],
])('a run with %s spoils neither the list nor itself', async (_, spoil, expected) => {
  const folder = join(studio().root, 'runs/spoilt');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), '{"steps": 5}');
  spoil(folder);
  const list = await get<RunSummary[]>('/api/runs');
  expect(list.map(({ name }) => name).sort()).toEqual(['spoilt', 'tiny']);
  expect(list.find(({ name }) => name === 'spoilt')).toMatchObject(expected);
  expect(list.find(({ name }) => name === 'tiny')).toMatchObject({ status: 'finished', step: 3 });
});

test('a body nested deeper than any request is refused, not failed at', async () => {
  const payload = `{"name":"deep","preset":"paper","config":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const headers = { 'Content-Type': 'application/json' };
  const { statusCode, body } = await studio().app.inject({ method: 'POST', url: '/api/runs', headers, payload });
  expect([statusCode, body]).toEqual([
    400,
    '{"error":"The request body is nested too deeply; at most 16 levels are allowed."}',
  ]);
});

describe('training in a child process', () => {
  const tiny = {
    channels: [4, 8, 16],
    timesteps: 10,
    batchSize: 4,
    threads: 1,
    offline: true,
    sampleEvery: 0,
    logEvery: 1,
  };

  test('is waited for when the server closes, however long its step and its checkpoint take', async () => {
    const { app, root } = studio();
    await post('/api/runs', { name: 'slow', preset: 'paper', config: { ...tiny, steps: 1_000_000 } });
    await eventually(async () => {
      expect((await detail('slow')).step).toBeGreaterThan(2);
    });
    const { pid } = JSON.parse(readFileSync(join(root, 'runs/slow/run.lock'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGSTOP');
    const closed = app.close();
    try {
      // Longer than Fastify waits for a hook by default.
      expect(await Promise.race([closed.then(() => 'closed'), setTimeout(11_000, 'waiting')])).toBe('waiting');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await closed;
    expect(existsSync(join(root, 'runs/slow/checkpoint.safetensors'))).toBe(true);
  });

  test('is started, stopped with a checkpoint, and resumed to its end', async () => {
    const { root } = studio();
    const started = await post('/api/runs', { name: 'new', preset: 'paper', config: { ...tiny, steps: 1_000_000 } });
    expect([started.statusCode, started.json()]).toEqual([201, { name: 'new' }]);
    await eventually(async () => {
      expect(await detail('new')).toMatchObject({ status: 'training', ours: true });
    });
    await eventually(async () => {
      expect((await detail('new')).step).toBeGreaterThan(2);
    });
    expect((await post('/api/runs/new/resume', {})).json()).toEqual({ error: 'new is already training.' });

    expect((await post('/api/runs/new/stop', {})).statusCode).toBe(200);
    await eventually(async () => {
      expect(await detail('new')).toMatchObject({ status: 'stopped' });
    });
    expect(existsSync(join(root, 'runs/new/checkpoint.safetensors'))).toBe(true);

    const { step } = await detail('new');
    expect((await post('/api/runs/new/resume', { steps: step + 3 })).statusCode).toBe(200);
    await eventually(async () => {
      expect(await detail('new')).toMatchObject({ status: 'finished', step: step + 3 });
    });
  });

  test('is stopped once, however often it is asked to, and waits for its checkpoint', async () => {
    const { root } = studio();
    // Steps of some tenths of a second: the requests come while the last one is taken.
    const config = {
      ...tiny,
      channels: [16, 32],
      batchSize: 2000,
      patchSize: 2,
      steps: 1_000_000,
      checkpointEvery: 999_999,
    };
    await post('/api/runs', { name: 'new', preset: 'paper', config });
    await eventually(async () => {
      expect((await detail('new')).step).toBeGreaterThan(0);
    });
    for (let i = 0; i < 3; i++) expect((await post('/api/runs/new/stop', {})).statusCode).toBe(200);
    await eventually(async () => {
      expect(await detail('new')).toMatchObject({ status: 'stopped' });
    });
    expect(existsSync(join(root, 'runs/new/checkpoint.safetensors'))).toBe(true);
  });

  test('that fails says why', async () => {
    // The embedded digits are 28x28: they cannot be halved four times.
    await post('/api/runs', { name: 'bad', preset: 'paper', config: { ...tiny, channels: [4, 4, 4, 4, 4] } });
    await eventually(async () => {
      expect(await detail('bad')).toMatchObject({
        status: 'failed',
        error: expect.stringContaining('28x28') as string,
      });
    });
  });

  test.each([
    [{ name: 'tiny', preset: 'quick', config: {} }, 409, 'A run named tiny already exists'],
    [{ name: '../out', preset: 'quick', config: {} }, 400, '"../out" is not a valid run name'],
    [{ name: 'a', preset: 'huge', config: {} }, 400, 'Unknown preset "huge"'],
    [{ name: 'a', preset: 'quick', config: { steps: -1 } }, 400, '"steps"'],
    [{ name: 'a', preset: 'quick', config: { data: '/etc' } }, 400, '"data" cannot be chosen from the page'],
    [{ name: 'a', preset: 'quick', config: { initialWeights: '/etc/passwd' } }, 400, '"initialWeights" cannot be'],
    [{ name: 'a', preset: 'quick' }, 400, '"config"'],
    [{ name: 'a', preset: 'quick', config: {}, more: 1 }, 400, 'unknown field "more"'],
  ])('%j is refused with %i', async (payload, status, message) => {
    const answer = await post('/api/runs', payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.json<{ error: string }>().error).toContain(message);
  });

  test('that failed and was continued elsewhere has no error any more', async () => {
    const { root } = studio();
    await post('/api/runs', {
      name: 'new',
      preset: 'paper',
      config: { ...tiny, steps: 1_000_000, checkpointEvery: 1 },
    });
    await eventually(async () => {
      expect((await detail('new')).step).toBeGreaterThan(2);
    });
    const { pid } = JSON.parse(readFileSync(join(root, 'runs/new/run.lock'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const failed = { status: 'failed', error: 'The training process ended (SIGKILL).' };
    await eventually(async () => {
      expect(await detail('new')).toMatchObject(failed);
    });
    // Asked again, as long as nobody trains it.
    expect(await detail('new')).toMatchObject(failed);

    const { step } = await detail('new');
    const more = ['train', '--run', join(root, 'runs/new'), '--resume', '--steps', String(step + 3)];
    const { code, stderr } = runCli(more, root);
    expect(code, stderr).toBe(0);
    const continued = await detail('new');
    expect(continued).toMatchObject({ status: 'finished', step: step + 3 });
    expect(continued).not.toHaveProperty('error');
  });

  test('that failed has no error while somebody else trains it', async () => {
    const { root } = studio();
    await post('/api/runs', { name: 'bad', preset: 'paper', config: { ...tiny, channels: [4, 4, 4, 4, 4] } });
    await eventually(async () => {
      expect(await detail('bad')).toMatchObject({ status: 'failed' });
    });
    mkdirSync(join(root, 'runs/bad'), { recursive: true });
    const lock = RunLock.acquire(join(root, 'runs/bad/run.lock'));
    const busy = await detail('bad');
    expect(busy).toMatchObject({ status: 'training', ours: false });
    expect(busy).not.toHaveProperty('error');
    lock.release();
  });

  test('is given to two at once', async () => {
    const start = (name: string) => post('/api/runs', { name, preset: 'paper', config: { ...tiny, steps: 1_000_000 } });
    const answers = [await start('one'), await start('two'), await start('three')];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 429]);
    expect(answers[2]?.json<{ error: string }>().error).toMatch(/Stop one of them/);
    // Nothing is left of what was refused.
    expect((await studio().app.inject('/api/runs/three')).statusCode).toBe(404);
  });

  test('of somebody else is not ours to stop', async () => {
    expect((await post('/api/runs/tiny/stop', {})).statusCode).toBe(409);
  });
});

describe('sampling in a child process', () => {
  const request = {
    checkpoint: 'checkpoint.safetensors',
    weights: 'ema',
    labels: [0, 1, 2],
    guidanceWeight: 1,
    seed: 0,
    sampler: 'ddpm',
    samplingSteps: 2,
  };

  test('gives a picture of the labels in a row', async () => {
    const { statusCode, headers, rawPayload } = await post('/api/runs/tiny/samples', request);
    expect([statusCode, headers['content-type']]).toEqual([200, 'image/png']);
    const { width, height } = decode(rawPayload);
    // Three 8x8 images, 2 pixels around each, enlarged three times.
    expect([width, height]).toEqual([3 * (3 * 10 + 2), 3 * (10 + 2)]);
  });

  /** The pictures of an answer, without what is around them. */
  const drawn = async (run: string, change: object): Promise<number[][]> => {
    const { statusCode, rawPayload } = await post(`/api/runs/${run}/samples`, { ...request, ...change });
    expect(statusCode, rawPayload.toString('latin1')).toBe(200);
    const { width, data } = decode(rawPayload);
    const [cell, edge] = [3 * 10, 3 * 2];
    const pixel = (image: number, i: number): number => {
      const [row, column] = [Math.floor(image / 10), image % 10];
      const [y, x] = [edge + row * cell + 3 * Math.floor(i / 8), edge + column * cell + 3 * (i % 8)];
      return Number(data[y * width + x]);
    };
    const columns = (width - edge) / cell;
    const rows = data.length / width / cell;
    const count = Math.floor(rows) * columns;
    return Array.from({ length: count }, (_, image) => Array.from({ length: 64 }, (_, i) => pixel(image, i)));
  };

  test('takes labels for indices, whatever the classes are called', async () => {
    const folder = join(studio().root, 'runs/named');
    writeRun(folder, 3);
    const { data, ...checkpoint } = tinyCheckpoint();
    const classNames = ['9', '8', '7', '6', '5', '4', '3', '2', '1', 'none'];
    const named = encodeCheckpoint({ ...checkpoint, data: { ...data, classNames } });
    writeFileSync(join(folder, 'checkpoint.safetensors'), named);
    const labels = [0, 1, 9];
    const expected = await drawn('tiny', { labels });
    expect(expected[0]).not.toEqual((await drawn('tiny', { labels: [8, 1, 9] }))[0]);
    expect(await drawn('named', { labels })).toEqual(expected);
  });

  test('takes -1 for no class, also among classes', async () => {
    const [[three], [, none], both] = [
      await drawn('tiny', { labels: [3, 3] }),
      await drawn('tiny', { labels: [-1, -1] }),
      await drawn('tiny', { labels: [3, -1] }),
    ];
    expect(both).toEqual([three, none]);
    expect(await drawn('tiny', { labels: [-1, 3] })).not.toEqual(both);
  });

  test('draws all the classes that the model has seen, twice, and no more than a hundred images', async () => {
    const folder = join(studio().root, 'runs/some');
    writeRun(folder, 3);
    const { data, ...checkpoint } = tinyCheckpoint();
    const some = encodeCheckpoint({ ...checkpoint, data: { ...data, seenClasses: [2, 5, 7] } });
    writeFileSync(join(folder, 'checkpoint.safetensors'), some);
    expect(await drawn('some', { labels: 'all' })).toEqual(await drawn('tiny', { labels: [2, 5, 7, 2, 5, 7] }));

    const model = { ...tinyUNet, classes: 70 };
    const parameters = denoiserParameters(model).initialise(1);
    const zeros = new Float32Array(parameters.length);
    const state = { parameters, ema: parameters, firstMoment: zeros, secondMoment: zeros };
    writeFileSync(join(folder, 'checkpoint.safetensors'), encodeCheckpoint({ ...checkpoint, data, model, state }));
    expect(await drawn('some', { labels: 'all' })).toHaveLength(100);
  });

  test('that takes too long is stopped, and says so', async () => {
    const checkpoint = join(studio().root, 'runs/tiny/checkpoint.safetensors');
    const wanted = { ...request, weights: 'ema', sampler: 'ddpm' } as const;
    const drawing = new SampleQueue(cliPath, 0.001).sample(checkpoint, wanted, new AbortController().signal);
    await expect(drawing).rejects.toMatchObject({
      statusCode: 422,
      message:
        'Drawing took more than 0.001 minutes, the most allowed, and was stopped. Choose fewer steps or fewer images.',
    });
  });

  test.each([
    [{ labels: 'some' }, 400],
    [{ labels: [-2] }, 400],
    [{ checkpoint: '../../secret.txt' }, 400],
    [{ checkpoint: 'none.safetensors' }, 404],
    [{ labels: [] }, 400],
    [{ labels: Array<number>(101).fill(1) }, 400],
    [{ guidanceWeight: -1 }, 400],
    [{ sampler: 'none' }, 400],
    [{ samplingSteps: 11 }, 422],
  ])('%j is refused with %i', async (change, status) => {
    const answer = await post('/api/runs/tiny/samples', { ...request, ...change });
    expect([answer.statusCode, typeof answer.json<{ error: unknown }>().error]).toEqual([status, 'string']);
  });

  test('only so many requests wait', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('/api/runs/tiny/samples', request)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 200, 429, 429]);
  });
});
