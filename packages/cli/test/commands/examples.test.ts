import { spawnSync } from 'node:child_process';
import { decode } from 'fast-png';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function runExample(name: string, ...args: string[]): string {
  const file = fileURLToPath(new URL(`../../../../examples/${name}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', file, ...args], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

test('train-tiny learns, and sample draws from what it learned', () => {
  const run = join(folder, 'run');
  const losses = [...runExample('train-tiny', run).matchAll(/loss ([\d.]+)/g)].map((match) => Number(match[1]));
  expect(losses).toHaveLength(3);
  // Predicting zero costs E|ε| = √(2/π) = 0.798.
  expect(losses.at(-1)).toBeLessThan(0.797);
  const [own, shipped] = [join(folder, 'own.png'), join(folder, 'shipped.png')];
  expect(runExample('sample', own, run)).toContain(`10 images in ${own}`);
  expect(runExample('sample', shipped)).toContain(`10 images in ${shipped}`);
  const { width, height, data } = decode(readFileSync(shipped));
  expect([width, height]).toEqual([5 * 30 + 2, 2 * 30 + 2]);
  expect(decode(readFileSync(own)).data).not.toEqual(data);
});

test('noise-schedule prints how much of the image is left', () => {
  // At t = 500 of T = 1000. Linear: exp(-Σ(β + β²/2)) = 0.0786. Cosine: cos²(0.508/1.008 · π/2) / cos²(0.008/1.008 · π/2) = 0.4938, a little less because small betas are raised to 1e-4.
  expect(runExample('noise-schedule')).toMatch(/^ 500 {2}0\.0786 {2}0\.493\d$/m);
});
