import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import { loadModel } from '../../src/pipeline/load-model.js';
import { decodeModelFile } from '../../src/pipeline/model-file.js';
import { encodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { encodeSafetensors } from '../../src/training/safetensors.js';
import { tinyCheckpoint, tinyModel } from './tiny-model.js';

test('reads the averaged weights of a checkpoint', () => {
  const { model, parameters, schedule, guidanceWeight } = decodeModelFile(encodeCheckpoint(tinyCheckpoint()), 'it');
  expect(model).toEqual(tinyModel().model);
  expect(parameters).toEqual(tinyModel(1).parameters);
  expect(schedule).toEqual(tinyModel().schedule);
  expect(guidanceWeight).toBe(0.4);
});

test('reads what export wrote', () => {
  const exported = { ...tinyModel(3), prediction: 'v' as const, samplingSteps: 7, guidanceWeight: 0.75 };
  expect(decodeModelFile(exportModelFiles(exported).safetensors, 'it')).toEqual(exported);
});

test('refuses weights of which nothing is known', () => {
  expect(() => decodeModelFile(encodeSafetensors(new Map()), 'some.safetensors')).toThrow(
    'some.safetensors: the metadata\'s "prediction" is undefined',
  );
});

test('a file is loaded as what it is: a checkpoint with either of its weights, or an exported model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  const path = join(folder, 'model.safetensors');
  try {
    writeFileSync(path, encodeCheckpoint(tinyCheckpoint()));
    expect(loadModel(path, true)).toMatchObject({ step: 7, model: { parameters: tinyModel(1).parameters } });
    expect(loadModel(path, false).model.parameters).toEqual(tinyModel(2).parameters);
    writeFileSync(path, exportModelFiles({ ...tinyModel(3), prediction: 'v' }).safetensors);
    expect(loadModel(path, true)).toEqual({ step: null, model: { ...tinyModel(3), prediction: 'v' } });
    writeFileSync(path, encodeSafetensors(new Map()));
    expect(() => loadModel(path, true)).toThrow('not a checkpoint of this program');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
