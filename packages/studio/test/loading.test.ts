import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { wholePage, typeOf, type Host } from './hosts.js';
import { pages } from './pages.js';

interface SlowHost extends Host {
  /** Sends the rest of what was held back. */
  release(): void;
}

/** A host that sends the first half of a model, and the other half once it is told to. */
async function slowHost(model: string): Promise<SlowHost> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const sendInHalves = async (response: ServerResponse, bytes: Buffer): Promise<void> => {
    const half = Math.floor(bytes.length / 2);
    response.write(bytes.subarray(0, half));
    await released;
    response.end(bytes.subarray(half));
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(wholePage, pathname === '/' ? 'index.html' : pathname);
    response.setHeader('Content-Type', typeOf(file));
    response.setHeader('Content-Length', statSync(file).size);
    if (pathname === `/models/${model}`) void sendInHalves(response, readFileSync(file));
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, release, close };
}

describeWithChromium('a model that is still to arrive', () => {
  const browser = pages();

  test.each([
    ['sample', '/sample?model=quick&digits=3&steps=2', 'Images'],
    ['guidance', '/guidance?model=quick&digits=3', 'Map'],
    ['interpolate', '/interpolate?model=quick&steps=2', 'Images'],
  ])('is shown arriving in the view %s, in bytes', async (_view, address, region) => {
    const host = await slowHost('quick.safetensors');
    const page = await browser().open(address, { host });
    const bytesOf = (path: string): number => statSync(join(wholePage, path)).size;
    const runtime = await page.evaluate<string>(`new Promise((resolve) => {
      const look = () => {
        const found = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('.wasm'));
        if (found) resolve(new URL(found.name).pathname);
        else setTimeout(look, 50);
      };
      look();
    })`);
    const [ofModel, ofRuntime] = [bytesOf('models/quick.safetensors'), bytesOf(runtime)];
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const [half, all] = [megabytes(Math.floor(ofModel / 2) + ofRuntime), megabytes(ofModel + ofRuntime)];
    const stage = page.getByRole('region', { name: region });
    await stage.getByText(`Downloading the model Quick and the runtime: ${half} of ${all} MB.`).waitFor();
    const bar = stage.getByRole('progressbar', { name: 'Loading' });
    expect(Number(await bar.getAttribute('value'))).toBe(Math.floor(ofModel / 2) + ofRuntime);
    expect(Number(await bar.getAttribute('max'))).toBe(ofModel + ofRuntime);
    // No black square stands for an image that is not there.
    const tile = stage.locator('.tile canvas').first();
    expect(await tile.getAttribute('class')).toBe('empty');
    host.release();
    await bar.waitFor({ state: 'detached' });
    await tile.and(page.locator(':not(.empty)')).waitFor();
    await page.context().close();
    await host.close();
  });

  test('does not take the place of the one chosen since', async () => {
    const host = await slowHost('quick.safetensors');
    const page = await browser().open('/sample?model=quick&digits=3&steps=2', { host });
    const stage = page.getByRole('region', { name: 'Images' });
    const arriving = stage.getByText(/^Downloading the model Quick and the runtime: /);
    const choosing = (model: string): string =>
      `location.hash = location.hash.replace(/model=[a-z]+/, 'model=${model}');`;
    const [response] = await Promise.all([page.waitForResponse(/models\/quick\.safetensors$/), arriving.waitFor()]);
    // All of the runtime and half of the model.
    const bar = stage.getByRole('progressbar', { name: 'Loading' });
    const value = async (): Promise<number> => Number(await bar.getAttribute('value'));
    const runtime = statSync(join(wholePage, 'onnxruntime/ort-wasm-simd-threaded.wasm')).size;
    const half = Math.floor(statSync(join(wholePage, 'models/quick.safetensors')).size / 2);
    await expect.poll(value, patient).toBe(runtime + half);
    // Another one, and this one again before the other is there: what has arrived is told at once.
    await page.evaluate(`new Promise((resolve) => {
      ${choosing('modern')}
      setTimeout(() => {
        ${choosing('quick')}
        setTimeout(resolve, 50);
      }, 50);
    })`);
    await arriving.waitFor();
    await expect.poll(value, patient).toBe(runtime + half);

    await page.evaluate(choosing('modern'));
    await page.getByText(/^1 image in /).waitFor();
    host.release();
    await response.finished();
    // It is compiled in that time.
    await delay(3000);
    expect(await page.getByRole('contentinfo').innerText()).toContain('(WebAssembly');
    await page.getByRole('slider', { name: 'Steps' }).fill('3');
    await page.getByText(/^1 image in /).waitFor();
    await page.evaluate(choosing('quick'));
    await page.getByText(/^1 image in /).waitFor();
    await page.context().close();
    await host.close();
  });
});
