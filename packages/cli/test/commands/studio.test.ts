import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath, runCli } from './run-cli.js';

patientTests();

let studio: ChildProcess | undefined;
const runs = mkdtempSync(join(tmpdir(), 'runs-'));
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
  expect(output).toMatch(/\nStopping; trainings write a checkpoint first\.\n$/);
  await expect(events.text().then(() => fetch(url))).rejects.toThrow();
});

test('diffusion studio says when its port is taken, and what to do', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = runCli(['studio', '--port', String(port), '--runs', runs], tmpdir());
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`Port ${port} is taken. Choose another: diffusion studio --port 0`);
});
