import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliPath } from '../commands/run-cli.js';
import { eventually, metricsLines, writeRun } from './studio-folder.js';

const MEBIBYTE = 2 ** 20;
const READERS = 64;
const LARGEST_GROWTH = 50;

const root = mkdtempSync(join(tmpdir(), 'silent-'));
const silent: Socket[] = [];
let server: ChildProcess;
let port = 0;

beforeAll(async () => {
  writeRun(join(root, 'tiny'), 3);
  // 20 MB, of which a page that does not read may cost no more than its connection holds.
  writeFileSync(join(root, 'tiny/metrics.jsonl'), metricsLines(1, 150_000));
  server = spawn(process.execPath, [cliPath, 'studio', '--runs', root, '--port', '0']);
  const [line] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  port = Number(/:(\d+)/.exec(line.toString())?.[1]);
});
afterAll(async () => {
  for (const socket of silent) socket.destroy();
  server.kill('SIGTERM');
  await once(server, 'close');
  rmSync(root, { recursive: true, force: true });
});

/** Resident memory of the server, bytes. */
const memory = (): number =>
  1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(server.pid)], { encoding: 'utf8' }));

test(`${READERS} pages that read nothing cost less than ${LARGEST_GROWTH} MB`, async () => {
  // The first list of runs loads what every list needs.
  expect(await (await fetch(`http://127.0.0.1:${port}/api/runs`)).json()).toMatchObject([{ name: 'tiny' }]);
  const before = memory();
  for (let i = 0; i < READERS; i++) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.pause();
    socket.write(`GET /api/events?runs=tiny HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    silent.push(socket);
  }
  await eventually(async () => {
    // All are served: there is no room for another.
    expect((await fetch(`http://127.0.0.1:${port}/api/events`)).status).toBe(429);
  });
  // Long enough for a server that does not wait for its readers to have sent them everything.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect((memory() - before) / MEBIBYTE).toBeLessThan(LARGEST_GROWTH);
  expect((await fetch(`http://127.0.0.1:${port}/api/runs`)).status).toBe(200);
});
