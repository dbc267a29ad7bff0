import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { guardAccess } from '../../src/studio/access.js';
import { studioUnderTest } from './studio-folder.js';

const studio = studioUnderTest();

const get = (url: string, headers: Record<string, string> = {}) => studio().app.inject({ url, headers });

test.each([
  ['localhost:4816', 200],
  ['127.0.0.1:1', 200],
  ['[::1]:4816', 200],
  ['LOCALHOST', 200],
  ['evil.example', 403],
  ['127.0.0.1.evil.example:4816', 403],
  ['localhost.evil.example', 403],
])('a request for host %s is answered with %i', async (host, status) => {
  const { statusCode } = await get('/api/runs', { host });
  expect(statusCode).toBe(status);
});

test.each([
  ['http://localhost:80', 201],
  ['http://evil.example', 403],
  ['null', 403],
  ['http://localhost:81', 403],
  ['https://localhost:80', 403],
])('a page from %s that starts a training is answered with %i', async (origin, status) => {
  const { statusCode } = await studio().app.inject({
    method: 'POST',
    url: '/api/runs',
    headers: { origin, host: 'localhost:80' },
    // A preset's network on no data: it fails at once, in its own process.
    payload: { name: 'started', preset: 'quick', config: { offline: true, threads: 1, steps: 1 } },
  });
  expect(statusCode).toBe(status);
});

test.each([
  ['My-Server', 'my-server:4816', 'http://my-server:4816'],
  ['My-Server', 'MY-SERVER', 'http://my-server'],
  ['FE80::1', '[fe80::1]:4816', 'http://[fe80::1]:4816'],
])('a server that listens on %s is reached as %s', async (host, name, origin) => {
  const app = Fastify();
  guardAccess(app, host);
  app.get('/', () => 'here');
  expect((await app.inject({ url: '/', headers: { host: name, origin } })).body).toBe('here');
  expect((await app.inject({ url: '/', headers: { host: name, origin: 'http://evil.example' } })).statusCode).toBe(403);
  await app.close();
});

test('a form of another site cannot send what the server reads', async () => {
  const headers = { 'content-type': 'text/plain' };
  const { statusCode } = await studio().app.inject({ method: 'POST', url: '/api/runs', headers, payload: '{}' });
  expect(statusCode).toBe(415);
});

test.each([
  '/api/runs/..',
  '/api/runs/%2e%2e',
  '/api/runs/..%2f..%2fsecret.txt',
  '/api/runs/tiny/samples/..%2f..%2f..%2fsecret.txt',
  '/api/runs/tiny/samples/%2e%2e%2fconfig.json',
  '/api/runs/tiny/samples/..%5c..%5csecret.txt',
  '/api/runs/tiny/checkpoints/..%2f..%2f..%2fsecret.txt',
  '/api/runs/tiny/checkpoints/config.json',
  '/api/runs/%2fetc/samples/passwd',
  '/api/runs/tiny%00/samples/x.png',
  '/api/runs/.hidden',
  '/api/runs/%ff',
  '/%ff',
  '/%',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/../../secret.txt',
  '//etc/passwd',
])('%s leads nowhere', async (url) => {
  const { statusCode, body } = await get(url);
  expect([400, 404]).toContain(statusCode);
  expect(body).not.toContain('secret\n');
  expect(body).not.toMatch(/^secret|root:/);
});

test('a link out of the runs folder is not followed', async () => {
  const { root } = studio();
  symlinkSync(join(root, 'secret.txt'), join(root, 'runs/tiny/samples/link.png'));
  mkdirSync(join(root, 'outside'));
  writeFileSync(join(root, 'outside/config.json'), '{}');
  symlinkSync(join(root, 'outside'), join(root, 'runs/linked'));
  expect((await get('/api/runs/tiny/samples/link.png')).statusCode).toBe(404);
  expect((await get('/api/runs/linked')).statusCode).toBe(404);
  expect((await get('/api/runs')).json()).toMatchObject([{ name: 'tiny' }]);
});

test('a folder that is called like a picture or a checkpoint is not there', async () => {
  const { root } = studio();
  mkdirSync(join(root, 'runs/tiny/samples/folder.png'));
  mkdirSync(join(root, 'runs/tiny/folder.safetensors'));
  expect((await get('/api/runs/tiny/samples/folder.png')).statusCode).toBe(404);
  expect((await get('/api/runs/tiny/checkpoints/folder.safetensors')).statusCode).toBe(404);
});

test('every answer isolates the page and forbids foreign scripts', async () => {
  for (const url of ['/', '/api/runs', '/nothing']) {
    const { headers } = await get(url);
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:;/,
    );
  }
});

test('the page is told that a server is behind it', async () => {
  expect((await get('/')).body).toBe('<html data-server="yes">the page</html>');
});

test('too large a request is refused', async () => {
  const payload = { name: 'x'.repeat(70_000), preset: 'quick', config: {} };
  expect((await studio().app.inject({ method: 'POST', url: '/api/runs', payload })).statusCode).toBe(413);
});
