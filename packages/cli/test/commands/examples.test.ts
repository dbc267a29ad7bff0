import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const pathOf = (name: string): string => join(root, 'examples', `${name}.ts`);

function runExample(name: string, ...args: string[]): string {
  const file = pathOf(name);
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

test('own-sampler draws digits, and others with churn', () => {
  const files = ['0', '0.5'].map((churn) => {
    const file = join(folder, `churn-${churn}.png`);
    expect(runExample('own-sampler', file, churn)).toContain(`10 images in ${file}`);
    return decode(readFileSync(file));
  });
  const [plain, churned] = files;
  expect(plain?.data).not.toEqual(churned?.data);
  for (const image of files) {
    expect([image.width, image.height]).toEqual([5 * 30 + 2, 2 * 30 + 2]);
    // Digits are white on black: a ninth to a fifth of the pixels is bright.
    const bright = image.data.filter((value) => value > 128).length / (10 * 28 * 28);
    expect(bright).toBeGreaterThan(0.05);
    expect(bright).toBeLessThan(0.25);
  }
});

test('server answers within milliseconds while it draws', async () => {
  // The built package, as users have it: the sources have no file that a worker process could run.
  const child = spawn(process.execPath, ['--import', 'tsx', pathOf('server'), '0'], {
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.base.json') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { origin } = new URL(String(line).trim());
    const begin = performance.now();
    let drawn = false;
    const drawing = fetch(`${origin}/draw?labels=${'0123456789'.repeat(2)}&seed=2`).finally(() => (drawn = true));
    const delays: number[] = [];
    while (!drawn) {
      const asked = performance.now();
      expect(await (await fetch(`${origin}/health`)).text()).toBe('ok\n');
      delays.push(performance.now() - asked);
    }
    const seconds = (performance.now() - begin) / 1000;
    const { width, height } = decode(await (await drawing).arrayBuffer());
    expect([width, height]).toEqual([10 * 30 + 2, 2 * 30 + 2]);
    // One evaluation of the network for 40 images takes a large part of a second.
    const median = delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)];
    expect(median).toBeLessThan(50);
    expect(delays.length).toBeGreaterThan(10 * seconds);
    const refused = await fetch(`${origin}/draw?labels=x`);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('ConfigError: label')]);
  } finally {
    child.kill();
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
});
