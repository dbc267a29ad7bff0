import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { beginRun, continueRun, type OpenRun } from '../../src/training/open-run.js';
import { runTraining } from '../../src/training/run-training.js';
import type { TrainConfig } from '../../../ts-diffusion/src/training/config.js';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { train } from '../../../ts-diffusion/src/training/training-run.js';
import { temporaryFolder } from '../../../ts-diffusion/test/training/folders.js';
import { tinyConfig, tinyDataset } from '../../../ts-diffusion/test/training/tiny-run.js';

const inFolder = temporaryFolder();
const config = tinyConfig({ steps: 2, learningRateDecay: 'none' });
const silent = (): void => undefined;

async function trainToTheEnd(run: OpenRun): Promise<string> {
  const runtime = await createNodeRuntime({ threads: 1 });
  const events = train({ ...run, store: run.folder, dataset: tinyDataset(), runtime });
  while ((await events.next()).done !== true);
  run.folder.close();
  return run.folder.path;
}

const trainRun = (): Promise<string> => trainToTheEnd(beginRun(inFolder('run'), config));

const configFile = (path: string): string => join(path, 'config.json');
const savedConfig = (path: string): TrainConfig => JSON.parse(readFileSync(configFile(path), 'utf8')) as TrainConfig;

describe('a run that is continued', () => {
  test('goes on with its own configuration and the changes, which are not saved before they are accepted', async () => {
    const path = await trainRun();
    const run = continueRun(path, { steps: 3 }, silent);
    expect(run.resume?.step).toBe(2);
    expect(run.config).toEqual({ ...config, steps: 3 });
    expect(savedConfig(path)).toEqual(config);
    await trainToTheEnd(run);
    const next = continueRun(path, { steps: 3 }, silent);
    expect(next.resume).toMatchObject({ step: 3, config: { steps: 3 } });
    next.folder.close();
  });

  test('that is asked for more steps has no time limit but the one asked for with them', () => {
    const limited = { ...config, maxMinutes: 3 };
    beginRun(inFolder('run'), limited).folder.close();
    for (const [changes, maxMinutes] of [
      [{}, 3],
      [{ steps: 9 }, 0],
      [{ steps: 9, maxMinutes: 5 }, 5],
    ] as const) {
      const run = continueRun(inFolder('run'), changes, silent);
      expect(run.config.maxMinutes).toBe(maxMinutes);
      run.folder.close();
    }
  });

  test('is compared with its checkpoint, whatever config.json was edited to', async () => {
    const path = await trainRun();
    writeFileSync(configFile(path), JSON.stringify({ ...config, batchSize: 8 }));
    expect(() => continueRun(path, {}, silent)).toThrow('"batchSize" is 4 in this run and cannot become 8');
    expect(() => continueRun(path, { batchSize: 4, steps: 1 }, silent)).toThrow('"steps" is 1, but the run');
    expect(existsSync(join(path, 'run.lock'))).toBe(false);
    writeFileSync(configFile(path), JSON.stringify({ ...config, steps: 5 }));
    const extended = continueRun(path, {}, silent);
    expect(extended.config.steps).toBe(5);
    extended.folder.close();
  });

  test('has the configuration of its checkpoint where config.json is gone', async () => {
    const path = await trainRun();
    rmSync(configFile(path));
    const run = continueRun(path, {}, silent);
    expect(run.config).toEqual(config);
    run.folder.close();
  });

  test('does not begin anew over damaged checkpoints', async () => {
    const path = await trainRun();
    writeFileSync(join(path, 'checkpoint.safetensors'), 'damaged');
    rmSync(join(path, 'checkpoint.previous.safetensors'), { force: true });
    expect(() => continueRun(path, {}, silent)).toThrow(/checkpoint\.safetensors: not a valid/);
    expect(() => beginRun(path, config)).toThrow(/already contains a run/);
  });

  test('begins at the beginning where it has no checkpoint yet', () => {
    beginRun(inFolder('run'), config).folder.close();
    const run = continueRun(inFolder('run'), { batchSize: 2 }, silent);
    expect(run).toMatchObject({ resume: undefined, config: { batchSize: 2 } });
    run.folder.close();
  });
});

test('an interruption while the data are loaded ends the run before it begins', async () => {
  const run = beginRun(inFolder('run'), tinyConfig());
  expect(await runTraining(run, AbortSignal.abort())).toEqual({ step: 0, steps: 12, reason: 'interrupted' });
  run.folder.close();
  expect(run.folder.hasCheckpoint).toBe(false);
});
