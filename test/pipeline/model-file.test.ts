import { expect, test } from 'vitest';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
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
  const exported = { ...tinyModel(3), prediction: 'v' as const };
  expect(decodeModelFile(exportModelFiles(exported).safetensors, 'it')).toEqual(exported);
});

test('refuses weights of which nothing is known', () => {
  expect(() => decodeModelFile(encodeSafetensors(new Map()), 'some.safetensors')).toThrow(
    'some.safetensors: the metadata\'s "prediction" is undefined',
  );
});
