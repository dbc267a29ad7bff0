import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './run-cli.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'outputs-'));
  mkdirSync(join(root, 'folder'));
  mkdirSync(join(root, 'drawn.gif'));
  writeFileSync(join(root, 'file'), 'a file');
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

// There is no model, picture or data set at "nowhere": whoever loaded something first would say so instead.
test.each([
  [
    'sample --run nowhere --out new/',
    'new/: a folder, but a picture is one file; give a file in it, such as new/name.png.',
  ],
  ['sample --run nowhere --format png --out new.png', 'new.png: the name of a file, but the images go into a folder'],
  [
    'sample --run nowhere --format idx --out file',
    'cannot write file/samples-images-idx3-ubyte: part of the path is a file',
  ],
  ['sample --run nowhere --animate --out drawn.png', 'drawn.gif: a folder, but a picture is one file'],
  ['edit --run nowhere --out folder', 'folder: a folder, but a picture is one file'],
  ['inpaint --run nowhere --out file/x.png', 'cannot write file/x.png: part of the path is a file'],
  ['interpolate --run nowhere --out x.tiff', 'x.tiff: a picture is written as .png, .jpg, .jpeg, .webp'],
  ['noise --data nowhere --out folder/', 'folder/: a folder, but a picture is one file'],
  [
    'export --run nowhere --out model.onnx',
    'model.onnx: the name of a file, but denoiser.onnx and model.safetensors go into',
  ],
  ['evaluate --run nowhere --receipt folder', 'folder: a folder, but a receipt is one file; give a file in it'],
  [
    'evaluate --run nowhere --receipt x.png',
    'x.png: a receipt is written as .json; give the file a name that ends in it.',
  ],
  ['evaluate --run file', 'cannot write file/receipts: part of the path is a file'],
  ['evaluate --run nowhere --save file', 'cannot write file/samples-images-idx3-ubyte: part of the path is a file'],
  ['sample --run nowhere --shard 1/2 --out x.png', 'x.png: the name of a file, but shards go into a folder'],
  ['evaluate --run nowhere --statistics file', 'cannot write file: part of the path is a file'],
  ['train-evaluator --data nowhere --out folder', 'folder: a folder, but a classifier is one file'],
  ['train-evaluator --data nowhere --out x.pth', 'x.pth: a classifier is written as .safetensors'],
  ['reproduce --data nowhere --out file', 'cannot write file: part of the path is a file'],
  ['train --data nowhere --run file', 'file: '],
  ['studio --runs file', 'cannot write file: part of the path is a file'],
])('diffusion %s', (command, message) => {
  const before = readdirSync(root, { recursive: true });
  const { code, stdout, stderr } = runCli(command.split(' '), root);
  expect(stderr).toContain(`error: ${message}`);
  expect(stderr).not.toMatch(/nowhere|unexpected/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(readdirSync(root, { recursive: true })).toEqual(before);
});
