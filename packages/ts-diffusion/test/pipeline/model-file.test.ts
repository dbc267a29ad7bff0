import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import { loadModel } from '../../src/node/models/load-model.js';
import { decodeModelFile } from '../../src/pipeline/model-file.js';
import { encodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.js';
import { encodeWithDigest } from '../../src/formats/safetensors-digest.js';
import { UserError } from '../../src/utils/errors.js';
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
    /^some\.safetensors: a safetensors file, but not a checkpoint of this program .*; give a run folder/,
  );
});

test('a file is loaded as what it is: a checkpoint with either of its weights, or an exported model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  const path = join(folder, 'model.safetensors');
  try {
    writeFileSync(path, encodeCheckpoint(tinyCheckpoint()));
    const averaged = { step: 7, averaged: true, model: { parameters: tinyModel(1).parameters } };
    expect(loadModel(path)).toMatchObject(averaged);
    const last = { step: 7, averaged: false, model: { parameters: tinyModel(2).parameters } };
    expect(loadModel(path, { ema: false })).toMatchObject(last);
    const model = { ...tinyModel(3), prediction: 'v' as const };
    writeFileSync(path, exportModelFiles(model).safetensors);
    expect(loadModel(path)).toEqual({ step: null, averaged: null, model, checked: true });
    expect(() => loadModel(path, { ema: false })).toThrow('has one set of weights');
    for (const averaged of [true, false]) {
      const origin = { step: 700, averaged };
      writeFileSync(path, exportModelFiles(model, { origin }).safetensors);
      expect(loadModel(path, { ema: averaged })).toEqual({ ...origin, model, checked: true });
    }
    writeFileSync(path, encodeSafetensors(new Map()));
    expect(() => loadModel(path)).toThrow('not a checkpoint of this program');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('an exported model that is damaged says what is wrong with it', () => {
  const { tensors, metadata } = decodeSafetensors(exportModelFiles(tinyModel()).safetensors, 'it');
  const folder = mkdtempSync(join(tmpdir(), 'damaged-'));
  const path = join(folder, 'model.safetensors');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['schedule', 'quadratic', /"schedule" is "quadratic", expected one of linear/],
    ['timesteps', 'many', /do not describe a model .* number of timesteps T .* got NaN/],
    ['model', '{"channels":', /do not describe a model/],
    ['model', 'null', /do not describe a model/],
    ['step', '-1', /do not describe a model .* "step" is "-1"/],
    ['averaged', 'maybe', /do not describe a model .* "averaged" is "maybe"/],
  ])('%s %s', (name, text, message) => {
    writeFileSync(path, encodeWithDigest(tensors, { ...metadata, [name]: text }));
    const load = (): unknown => loadModel(path);
    expect(load).toThrow(UserError);
    expect(load).toThrow(path);
    expect(load).toThrow(message);
  });
});

test('one flipped bit of the weights is noticed; a file without a checksum is loaded and said to have none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flipped-'));
  const path = join(folder, 'model.safetensors');
  try {
    const file = exportModelFiles(tinyModel()).safetensors;
    const flipped = file.slice();
    flipped[file.length - 100] = (flipped[file.length - 100] as number) ^ 1;
    expect(() => decodeModelFile(flipped, 'it')).toThrow(/^it: the checksum does not match/);

    const { tensors, metadata } = decodeSafetensors(file, 'it');
    const { sha256, ...others } = metadata;
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(path, encodeSafetensors(tensors, others));
    const messages: string[] = [];
    expect(loadModel(path, { onMessage: (text) => messages.push(text) })).toMatchObject({ checked: false });
    expect(messages).toEqual([
      `${path}: this exported model has no checksum, so damage cannot be detected. Export it again.`,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('which classes were seen in training is kept, and checked', () => {
  const seen = { ...tinyModel(), seenClasses: [3, 7] };
  const file = exportModelFiles(seen).safetensors;
  expect(decodeModelFile(file, 'it').seenClasses).toEqual([3, 7]);
  const { tensors, metadata } = decodeSafetensors(file, 'it');
  expect(() => decodeModelFile(encodeWithDigest(tensors, { ...metadata, seenClasses: '3,77' }), 'it')).toThrow(
    '"seenClasses" is "3,77", expected numbers below 10',
  );
});

test('an exported model keeps the names of its classes', () => {
  const classNames = ['猫', 'dog, brown', ...Array.from({ length: 8 }, (_, i) => `"${i}"`)];
  const file = exportModelFiles({ ...tinyModel(), classNames }).safetensors;
  expect(decodeModelFile(file, 'it').classNames).toEqual(classNames);
  const { tensors, metadata } = decodeSafetensors(file, 'it');
  for (const wrong of ['["cat"]', '"cat"', JSON.stringify(classNames.map(() => 1))]) {
    expect(() => decodeModelFile(encodeWithDigest(tensors, { ...metadata, classNames: wrong }), 'it')).toThrow(
      `"classNames" is ${wrong}, expected a list of 10 names`,
    );
  }
});
