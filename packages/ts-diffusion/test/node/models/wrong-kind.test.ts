import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeClassifier } from '../../../src/classifier/classifier-file.js';
import { shippedClassifierPath } from '../../../src/node/classifier/read-classifier.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { loadModel } from '../../../src/node/models/load-model.js';
import { readModel } from '../../../src/node/platform/model-source.js';
import { exportModelFiles } from '../../../src/pipeline/export-model.js';
import { encodePng } from '../../../src/utils/png.js';
import { CheckpointError } from '../../../src/utils/errors.js';
import { resolveTrainConfig } from '../../../src/training/resolve-config.js';
import { tinyModel } from '../../pipeline/tiny-model.js';

const advice = 'give a run folder, its checkpoint.safetensors, or the model.safetensors of diffusion export.';
const exported = exportModelFiles(tinyModel());
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** Files as their own programs write them; those of Python by their first bytes. */
const files: readonly (readonly [name: string, file: Uint8Array, kind: string])[] = [
  ['denoiser.onnx', exported.onnx, 'an ONNX model'],
  ['config.json', bytes(JSON.stringify(resolveTrainConfig('quick'), undefined, 2)), 'a JSON file'],
  ['metrics.jsonl', bytes('{"step":10,"loss":0.5}\n{"step":20,"loss":0.4}\n'), 'a JSON file'],
  ['digits.png', encodePng(new Uint8Array(64), 8, 8), 'a PNG picture'],
  ['digits.jpg', bytes('\xff\xd8\xff\xe0\x00\x10JFIF'), 'a JPEG picture'],
  ['digits.gif', bytes('GIF89a\x08\x00\x08\x00'), 'a GIF picture'],
  ['model.pt', bytes('PK\x03\x04\x00\x00\x08\x08archive/data.pkl'), 'an archive, as PyTorch and NumPy write them'],
  ['model.pth', bytes('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'), 'a Python pickle'],
  ['model.npy', bytes('\x93NUMPY\x01\x00v\x00'), 'a NumPy array'],
  ['model.h5', bytes('\x89HDF\r\n\x1a\n'), 'an HDF5 file'],
  ['digits.gz', gzipSync('digits'), 'a compressed file'],
  ['digits-idx3-ubyte', bytes('\x00\x00\x08\x03\x00\x00\x27\x10\x00\x00\x00\x1c'), 'an IDX file'],
  ['error.html', bytes('\n<!DOCTYPE html><title>404</title>'), 'a web page'],
];

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'wrong-kind-'));
  for (const [name, file] of files) writeFileSync(join(root, name), file);
  mkdirSync(join(root, 'exported'));
  writeFileSync(join(root, 'exported/model.safetensors'), exported.safetensors);
  writeFileSync(join(root, 'other.safetensors'), encodeSafetensors(new Map(), { format: 'pt' }));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe.each(files)('%s', (name, file, kind) => {
  it('is no model, from disk or memory', async () => {
    const path = join(root, name);
    expect(() => loadModel(path)).toThrow(CheckpointError);
    expect(() => loadModel(path)).toThrow(`${path}: not a valid safetensors file but ${kind}`);
    expect(() => loadModel(path)).toThrow(advice);
    await expect(readModel(file)).rejects.toThrow(`the model: not a valid safetensors file but ${kind}`);
  });

  it('is no classifier', () => {
    expect(() => decodeClassifier(file, name)).toThrow(CheckpointError);
    expect(() => decodeClassifier(file, name)).toThrow(/but .*; give weights that diffusion train-evaluator wrote\.$/);
  });
});

it('a classifier is no model', async () => {
  const path = shippedClassifierPath('evaluator');
  const message = `the classifier "evaluator", which draws nothing; ${advice}`;
  expect(() => loadModel(path)).toThrow(`${path}: ${message}`);
  await expect(readModel(readFileSync(path))).rejects.toThrow(message);
});

it('a folder with an exported model is that model', () => {
  expect(loadModel(join(root, 'exported')).model.model).toEqual(tinyModel().model);
});

it.each([
  ['other.safetensors', advice],
  ['.', 'no such checkpoint. Give a run folder'],
])('%s: %s', (name, message) => {
  expect(() => loadModel(join(root, name))).toThrow(CheckpointError);
  expect(() => loadModel(join(root, name))).toThrow(message);
});

it('an exported model whose header was damaged is still told as such', () => {
  const damaged = exported.safetensors.slice();
  damaged[9] = 0;
  expect(() => decodeClassifier(damaged, 'x')).toThrow(/x: not a valid safetensors file: the header/);
});
