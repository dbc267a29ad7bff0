import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { denoiserParameters } from '../../../src/models/denoiser-network.js';
import { readMetrics } from '../../../src/node/training/metrics.js';
import { bestWeightsFile, RunFolder } from '../../../src/node/training/run-folder.js';
import { encodeCheckpoint } from '../../../src/training/checkpoint-format.js';
import { modelFor } from '../../../src/training/model-for-data.js';
import { WriteError } from '../../../src/utils/errors.js';
import { asOrdinaryUser, temporaryFolder } from '../../training/folders.js';
import { tinyConfig, tinyDataset } from '../../training/tiny-run.js';

const inFolder = temporaryFolder();
const config = tinyConfig();

describe('a new run', () => {
  test('saves its configuration, which can be read back', () => {
    const folder = RunFolder.create(inFolder('deep/down/run'), config);
    expect(folder.readConfig()).toEqual(config);
    expect(folder.hasCheckpoint).toBe(false);
    folder.close();
  });

  test.each(['next.', '', 'previous.'])(
    'does not touch a run with a checkpoint.%ssafetensors, damaged as it is',
    (name) => {
      RunFolder.create(inFolder('run'), config).close();
      const checkpoint = inFolder(`run/checkpoint.${name}safetensors`);
      writeFileSync(checkpoint, 'damaged');
      for (const remains of ['checkpoint and config.json', 'checkpoint alone']) {
        expect(() => RunFolder.create(inFolder('run'), tinyConfig({ steps: 99 })), remains).toThrow(
          /already contains a run.*--resume/,
        );
        expect(readFileSync(checkpoint, 'utf8')).toBe('damaged');
        const folder = RunFolder.resume(inFolder('run'));
        expect(folder.readConfig()).toEqual(remains === 'checkpoint alone' ? undefined : config);
        folder.close();
        rmSync(inFolder('run/config.json'), { force: true });
      }
    },
  );

  test('takes the place of one that failed before it trained', () => {
    RunFolder.create(inFolder('run'), config).close();
    const folder = RunFolder.create(inFolder('run'), tinyConfig({ steps: 99 }));
    expect(folder.readConfig()?.steps).toBe(99);
    folder.close();
  });

  test('does not move into a folder with other things in it, or a file', () => {
    mkdirSync(inFolder('other'));
    writeFileSync(inFolder('other/letter.txt'), 'dear');
    expect(() => RunFolder.create(inFolder('other'), config)).toThrow(/not empty/);
    expect(() => RunFolder.create(inFolder('other/letter.txt'), config)).toThrow(
      /letter\.txt: cannot be used as a run folder/,
    );
  });

  test('says where it cannot write', () => {
    writeFileSync(inFolder('file'), '');
    const create = (): unknown => RunFolder.create(inFolder('file/run'), config);
    expect(create).toThrow(WriteError);
    expect(create).toThrow(/cannot write .*file.run: part of the path is a file, not a folder/);
  });

  test.skipIf(process.platform === 'win32')('says so where the permission is missing', () => {
    mkdirSync(inFolder('locked'), { mode: 0o555 });
    asOrdinaryUser(() => {
      expect(() => RunFolder.create(inFolder('locked/run'), config)).toThrow(
        /^cannot write .*locked.run: permission denied; choose a folder you may write to$/,
      );
    });
  });
});

describe('resuming', () => {
  test('needs a run', () => {
    expect(() => RunFolder.resume(inFolder('nothing'))).toThrow(/no run to resume/);
  });

  test('cleans up what a killed process left half written', () => {
    RunFolder.create(inFolder('run'), config).close();
    const leftover = inFolder('run/.checkpoint.next.safetensors.4711-0.tmp');
    writeFileSync(leftover, 'half');
    RunFolder.resume(inFolder('run')).close();
    expect(existsSync(leftover)).toBe(false);
  });

  test('reports an edited configuration by file and field', () => {
    RunFolder.create(inFolder('run'), config).close();
    writeFileSync(inFolder('run/config.json'), '{"steps": -1}');
    const folder = RunFolder.resume(inFolder('run'));
    expect(() => folder.readConfig()).toThrow(/config\.json: "steps"/);
    folder.close();
  });
});

test('best weights that are damaged or missing are named, where the run had some', () => {
  const model = modelFor(config, tinyDataset());
  const values = new Float32Array(denoiserParameters(model).size);
  const state = { parameters: values, ema: values, firstMoment: values, secondMoment: values };
  const checkpoint = { step: 9, config, model, data: { source: 'tiny images', sha256: 'ab'.repeat(32) }, state };
  const folder = RunFolder.create(inFolder('run'), config);
  folder.writeCheckpoint(checkpoint);
  const best = bestWeightsFile(inFolder('run'));
  const messages = (): string[] => {
    const told: string[] = [];
    folder.readCheckpoint((text) => told.push(text));
    return told;
  };
  const metrics = folder.openMetrics(9);
  expect(messages()).toEqual([]);
  metrics.append({ step: 9, validationLoss: 0.5 });
  expect(messages()).toEqual([
    `${best}: the best weights are missing. The next weights that are watched take their place.`,
  ]);
  writeFileSync(best, 'damaged');
  expect(messages()).toEqual([expect.stringMatching(/best\.safetensors: not a valid .*take their place\.$/)]);
  writeFileSync(best, encodeCheckpoint(checkpoint));
  expect(messages()).toEqual([]);
  metrics.close();
  folder.close();
});

describe('metrics', () => {
  const line = (step: number) => ({ step, loss: 1, learningRate: 1, emaDecay: 1, msPerStep: 1, imagesPerSecond: 1 });

  test('are cut off beyond the step resumed from, and where a kill left half a line', () => {
    const folder = RunFolder.create(inFolder('run'), config);
    const path = join(folder.path, 'metrics.jsonl');
    const first = folder.openMetrics(0);
    for (const step of [2, 4, 6]) first.append(line(step));
    first.close();
    writeFileSync(path, '{"step":8,"lo', { flag: 'a' });
    expect(readMetrics(path).map(({ step }) => step)).toEqual([2, 4, 6]);

    const second = folder.openMetrics(4);
    second.append(line(5));
    second.close();
    expect(readFileSync(path, 'utf8')).toBe([2, 4, 5].map((step) => `${JSON.stringify(line(step))}\n`).join(''));
    folder.close();
  });

  test('damaged lines are passed over, and are gone once a run goes on', () => {
    const folder = RunFolder.create(inFolder('run'), config);
    const path = join(folder.path, 'metrics.jsonl');
    const [first, second, third] = [2, 4, 6].map((step) => JSON.stringify(line(step)));
    // Cut in the middle and written on, as after a full disk; not an object; without its newline.
    writeFileSync(path, `${first}\n{"step":3,"lo${second}\nnull\n\u0000\u0000\n${second}\n${third}`);
    expect(readMetrics(path).map(({ step }) => step)).toEqual([2, 4, 6]);

    const resumed = folder.openMetrics(6);
    resumed.append(line(8));
    resumed.close();
    const expected = [2, 4, 6, 8].map((step) => `${JSON.stringify(line(step))}\n`);
    expect(readFileSync(path, 'utf8')).toBe(expected.join(''));
    folder.close();
  });
});
