import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { queueName } from '../../src/queue/job.js';
import { queueAddress } from '../../src/queue/queue-address.js';
import { QueueServer } from '../../src/queue/queue-server.js';
import { createStudio } from '../../src/studio/server.js';
import { cliPath } from '../commands/run-cli.js';
import { serverKinds, type TestServer } from '../queue/test-servers.js';

patientTests();

const name = queueName('cpu', '1.2.3');
const headers = { host: 'localhost:4816' };

for (const { name: kind, start } of serverKinds) {
  let folder: string;
  let server: TestServer;
  let app: FastifyInstance;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'board-'));
    server = await start();
    const queue = (await QueueServer.open(queueAddress(server.url))).queue(name, () => undefined);
    const task = {
      id: 'a',
      name: 'training a',
      command: ['train'],
      output: 'o',
      needs: [],
      work: 1,
      begun: 0,
      phase: '',
    };
    await queue.add('train', { task, folder: { id: 'f', path: '/f' }, version: '1.2.3' });
    app = createStudio({
      runsFolder: join(folder, 'runs'),
      webFolder: folder,
      cli: cliPath,
      host: '127.0.0.1',
      queues: [queue],
    });
    await app.ready();
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test(`the page of a queue answers and shows it: ${kind}`, async () => {
    const page = await app.inject({ url: '/queue/', headers });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['content-security-policy']).toContain("base-uri 'self'");
    expect(page.body).toContain('<base href="/queue/"');
    const [script = ''] = /static\/js\/main[^"]*\.js/.exec(page.body) ?? [];
    expect((await app.inject({ url: `/queue/${script}`, headers })).statusCode).toBe(200);
    const shown = await app.inject({ url: '/queue/api/queues', headers });
    expect(shown.json()).toMatchObject({ queues: [{ name, counts: { waiting: 1 }, readOnlyMode: true }] });
    const jobs = await app.inject({ url: `/queue/api/queues?activeQueue=${name}&status=waiting`, headers });
    expect(jobs.body).toContain('training a');
  });

  test(`the page is behind the rules of the studio, and changes nothing: ${kind}`, async () => {
    for (const url of ['/queue/', '/queue/api/queues', '/queue/static/js/x']) {
      expect((await app.inject({ url, headers: { host: 'evil.example' } })).statusCode).toBe(403);
      expect((await app.inject({ url, headers: { ...headers, origin: 'http://evil.example' } })).statusCode).toBe(403);
    }
    const added = await app.inject({
      method: 'POST',
      url: `/queue/api/queues/${name}/add`,
      headers,
      payload: { name: 'train', data: {}, options: {} },
    });
    expect(added.statusCode).toBeGreaterThanOrEqual(400);
    const emptied = await app.inject({ method: 'PUT', url: `/queue/api/queues/${name}/empty`, headers });
    expect(emptied.statusCode).toBeGreaterThanOrEqual(400);
    const shown = await app.inject({ url: '/queue/api/queues', headers });
    expect(shown.json()).toMatchObject({ queues: [{ counts: { waiting: 1 } }] });
  });
}
