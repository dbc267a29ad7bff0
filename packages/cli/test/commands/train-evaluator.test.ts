import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { loadEmbeddedDigits } from '../../../ts-diffusion/src/node/data/embedded.js';
import { readClassifier } from '../../../ts-diffusion/src/node/classifier/read-classifier.js';
import { readClassifierReceipt } from '../../../ts-diffusion/src/node/classifier/classifier-receipt.js';
import { cliPath, runCli } from './run-cli.js';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'train-evaluator-'));
  const digits = await loadEmbeddedDigits();
  mkdirSync(join(root, 'data'));
  const write = (name: string, first: number, step: number): void => {
    const chosen = Array.from({ length: 100 }, (_, i) => first + i * step);
    const images = Buffer.concat(chosen.map((index) => digits.images.subarray(index * 784, (index + 1) * 784)));
    const labels = Uint8Array.from(chosen, (index) => digits.labels[index] as number);
    writeFileSync(join(root, `data/${name}-images-idx3-ubyte`), encodeIdx({ shape: [100, 28, 28], data: images }));
    writeFileSync(join(root, `data/${name}-labels-idx1-ubyte`), encodeIdx({ shape: [100], data: labels }));
  };
  write('train', 0, 99);
  write('t10k', 7, 99);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('diffusion train-evaluator', () => {
  test.each([
    ['paper', 'evaluator'],
    ['features', 'feature-network'],
  ])('trains %s and writes weights and receipt', (option, network) => {
    const args = ['train-evaluator', '--network', option, '--data', 'data', '--epochs', '2', '--seed', '3'];
    const { code, stderr } = runCli(args, root);
    expect(stderr).toMatch(/epoch 2 of 2: [\d.]+ % accuracy on the held-out images, \d+ errors[\s\S]*Wrote output/);
    expect(code).toBe(0);
    const path = join(root, `output/${network}.safetensors`);
    const receipt = readClassifierReceipt(path.replace('.safetensors', '.receipt.json'));
    expect(receipt).toMatchObject({
      network,
      weights: { sha256: readClassifier(path).sha256 },
      command: `diffusion ${args.join(' ')}`,
      seed: 3,
      steps: 4,
      data: { train: { count: 100 }, test: { count: 100 } },
    });
    expect(stderr).toContain(`${receipt.errors} errors.`);
  });

  test('needs test digits', () => {
    const environment = { DIFFUSION_DATA_DIR: '', DIFFUSION_CACHE_DIR: join(root, 'no-cache') };
    const { code, stderr } = runCli(['train-evaluator', '--offline'], root, environment);
    expect(stderr).toMatch(/error: test digits need the full MNIST set/);
    expect(code).toBe(1);
  });

  test('Ctrl-C stops without writing', async () => {
    const args = ['train-evaluator', '--data', 'data', '--epochs', '10000', '--out', 'stopped.safetensors'];
    const child = spawn(process.execPath, [cliPath, ...args], { cwd: root });
    let text = '';
    child.stderr.on('data', (part: Buffer) => {
      text += part.toString();
      if (part.toString().includes('epoch 1 of')) child.kill('SIGINT');
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(text).toContain('nothing is written');
    expect(code).toBe(130);
    expect(existsSync(join(root, 'stopped.safetensors'))).toBe(false);
  });
});
