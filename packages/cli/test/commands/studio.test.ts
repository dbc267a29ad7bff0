import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath, runCli } from './run-cli.js';

patientTests();

let studio: ChildProcess | undefined;
let runs = '';
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => {
  studio?.kill('SIGKILL');
  rmSync(runs, { recursive: true, force: true });
});

test('diffusion studio serves the page at the address it prints, and ends on Ctrl-C', async () => {
  const child = spawn(process.execPath, [cliPath, 'studio', '--port', '0', '--runs', runs]);
  studio = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close');
  const address = /^Studio: (http:\/\/localhost:[1-9]\d*) {3}\(runs in /;
  await expect.poll(() => output, patient).toMatch(address);
  const url = address.exec(output)?.[1] ?? '';

  const page = await fetch(url);
  expect(page.status).toBe(200);
  // What it takes for threads.
  expect(page.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
  expect(page.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
  const [script = ''] = /assets\/index-[^"]*\.js/.exec(await page.text()) ?? [];
  expect((await fetch(`${url}/${script}`)).headers.get('Content-Type')).toMatch('text/javascript');
  expect(await (await fetch(`${url}/api/runs`)).json()).toEqual([]);

  // Somebody still listens when it is ended.
  const events = await fetch(`${url}/api/events`);
  expect(events.headers.get('Content-Type')).toMatch('text/event-stream');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(output).toMatch(/\nStopping; training runs write a checkpoint first\.\n$/);
  await expect(events.text().then(() => fetch(url))).rejects.toThrow();
});

test.runIf(process.platform !== 'win32')(
  'Ctrl-C in its terminal, pressed twice, lets a training write its checkpoint',
  async () => {
    // A process group of its own: what a terminal signals is a group.
    const child = spawn(process.execPath, [cliPath, 'studio', '--port', '0', '--runs', runs], { detached: true });
    studio = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close');
    await expect.poll(() => output, patient).toContain('Studio: ');
    const url = /http:\/\/\S+/.exec(output)?.[0] ?? '';
    const config = { channels: [16, 32], batchSize: 1000, timesteps: 10, sampleEvery: 0, steps: 1_000_000, threads: 1 };
    const body = JSON.stringify({ name: 'a', preset: 'quick', config: { ...config, samplingSteps: 0, logEvery: 1 } });
    await fetch(`${url}/api/runs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await expect.poll(() => existsSync(join(runs, 'a/metrics.jsonl')), patient).toBe(true);
    for (let press = 0; press < 2; press++) process.kill(-Number(child.pid), 'SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(join(runs, 'a/checkpoint.safetensors'))).toBe(true);
  },
);

test('diffusion studio says when its port is taken, and what to do', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = runCli(['studio', '--port', String(port), '--runs', runs], tmpdir());
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`Port ${port} is in use. Choose another one: diffusion studio --port 0`);
});
