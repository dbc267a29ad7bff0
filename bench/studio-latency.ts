import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * How fast the studio's server answers while a training of the quick preset takes every core: milliseconds of requests
 * sent every 50 ms, one after the other. `npm run build && npm run build:web && npx tsx bench/studio-latency.ts`
 */
parseArgs();
const REQUESTS = 400;
const cli = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));
const runs = mkdtempSync(join(tmpdir(), 'latency-'));
const server = spawn(process.execPath, [cli, 'studio', '--port', '0', '--runs', runs], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise<string>((resolve) => {
  server.stdout.on('data', (chunk: Buffer) => {
    const [address] = /http:\/\/\S+/.exec(chunk.toString()) ?? [];
    if (address !== undefined) resolve(address);
  });
});

const request = async (path: string, init?: RequestInit): Promise<number> => {
  const begin = performance.now();
  const response = await fetch(url + path, init);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return performance.now() - begin;
};

try {
  await request('/api/runs', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'busy', preset: 'quick', config: { offline: true, maxMinutes: 0 } }),
  });
  const stepsTaken = async (): Promise<number> => {
    const [run] = (await (await fetch(`${url}/api/runs`)).json()) as { step: number }[];
    return run?.step ?? 0;
  };
  while ((await stepsTaken()) === 0) await delay(500);
  const paths = ['/api/runs', '/api/runs/busy', '/', '/models/manifest.json'];
  const times: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    times.push(await request(paths[i % paths.length] ?? '/'));
    await delay(50);
  }
  times.sort((a, b) => a - b);
  const quantile = (q: number): string => (times[Math.ceil(q * times.length) - 1] ?? NaN).toFixed(1);
  console.log(`${REQUESTS} requests: median ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, slowest ${quantile(1)} ms`);
} finally {
  server.kill('SIGINT');
  await new Promise((resolve) => server.once('close', resolve));
  rmSync(runs, { recursive: true, force: true });
}
