import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../src/engine/failure.js';
import { OutOfMemoryError } from '../../ts-diffusion/src/runtime/out-of-memory.js';
import { RuntimeError } from '../../ts-diffusion/src/runtime/types.js';
import { ConfigError, DataError } from '../../ts-diffusion/src/utils/errors.js';
import { WorkerEndedError } from '../../ts-diffusion/src/worker/errors.js';
import { encodeCheckpoint } from '../../ts-diffusion/src/training/checkpoint-format.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { tinyCheckpoint } from '../../ts-diffusion/test/pipeline/tiny-model.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { pages, pixelsIn } from './pages.js';

/** A GPU all of whose numbers are off by a hundredth when they are read back. */
const offBy = `
  const { getMappedRange } = GPUBuffer.prototype;
  GPUBuffer.prototype.getMappedRange = function (...range) {
    const bytes = getMappedRange.apply(this, range);
    if (this.usage & GPUBufferUsage.MAP_READ) new Float32Array(bytes).forEach((value, i, all) => (all[i] = value + 0.01));
    return bytes;
  };`;

/** A GPU in software that says that it is hardware, which is used without being asked for. */
const asHardware = `Object.defineProperty(GPUAdapter.prototype, 'info', { get: () => ({}) })`;

test.each<[Error, string]>([
  [new OutOfMemoryError('The program cannot be compiled: std::bad_alloc'), 'out-of-memory'],
  [new WorkerEndedError('SIGKILL'), 'worker-died'],
  [new DataError('models/quick.safetensors: the server answers 404.'), 'model-missing'],
  [new RuntimeError('The program cannot be compiled'), 'refused'],
  [new ConfigError('omega is -1'), 'refused'],
  [new DOMException('aborted', 'AbortError'), 'cancelled'],
  [new TypeError('x is undefined'), 'unexpected'],
])('%s is told as %s', (error, kind) => {
  expect(failureOf(error).kind).toBe(kind);
});

describeWithChromium('what goes wrong', () => {
  const browser = pages();

  test('a worker that died is replaced', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=3');
    await page.getByText(/^1 image in /).waitFor();
    await page.getByRole('slider', { name: 'Steps' }).fill('100');
    await page.getByText(/step \d+ of 100/).waitFor();
    await page.workers()[0]?.evaluate('close()');
    await page.getByRole('alert').getByText('The worker of this page ended unexpectedly.').waitFor();
    await page.getByRole('slider', { name: 'Steps' }).fill('3');
    await page.getByText(/^1 image in /).waitFor();
    expect(await page.getByRole('alert').getByText('ended unexpectedly').count()).toBe(0);
  });

  test('memory that has run out is given back', async () => {
    // One thread: the memory that several share can be enlarged by each.
    const page = await browser().open('/sample?model=modern&digits=3&steps=1', { host: browser().plain });
    await page.getByText(/^1 image in /).waitFor();
    await page
      .workers()[0]
      ?.evaluate(
        `WebAssembly.Memory.prototype.grow = () => { throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded') }`,
      );
    // In one change: a drawing that is given up on the way would take the worker, and so the missing memory, with it.
    await page.evaluate(
      `location.hash = location.hash.replace('digits=3', 'digits=0123456789').replace('each=1', 'each=10')`,
    );
    await page.getByRole('alert').getByText('The browser has run out of memory.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/^100 images in /).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a model that is missing is asked for again', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=3', { expected: /404/, model: null });
    await page
      .getByRole('alert')
      .getByText(/the server answers 404/)
      .waitFor();
    await page.context().unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(/^1 image in /).waitFor();
  });

  test('a file that is no model is refused in one sentence, and the model that is open stays', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=3');
    await page.getByText(/^1 image in /).waitFor();
    const [address, before] = [page.url(), await pixelsIn(page, 'Images')];
    const file = { name: 'letter.safetensors', mimeType: '', buffer: Buffer.from('Dear model') };
    await page.getByLabel('Open a model file').setInputFiles(file);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.allInnerTexts()).toEqual([
      expect.stringMatching(/^letter\.safetensors: not a valid safetensors file/),
    ]);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(page.url()).toBe(address);
    expect(await pixelsIn(page, 'Images')).toEqual(before);
    expect(await page.getByLabel('Model', { exact: true }).inputValue()).toBe('quick');
  });

  test('a model from a file is drawn from, and its link says later which file to open', async () => {
    const page = await browser().open('/sample?model=quick&digits=12&steps=2');
    await page.getByText(/^2 images in /).waitFor();
    const file = { name: 'my own.safetensors', mimeType: '', buffer: Buffer.from(encodeCheckpoint(tinyCheckpoint())) };
    const open = (): Promise<void> => page.getByLabel('Open a model file').setInputFiles(file);
    await open();
    const size = (): Promise<string | null> => page.locator('.tile canvas').first().getAttribute('width');
    await expect.poll(size, patient).toBe('8');
    await page.getByText(/^2 images in /).waitFor();
    const [address, drawn] = [page.url(), await pixelsIn(page, 'Images')];
    await page.reload();
    await page.getByRole('alert').getByText('from the file my own.safetensors').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect((await pixelsIn(page, 'Images')).flatMap((image) => [...image]).every((value) => value === 0)).toBe(true);
    expect(page.url()).toBe(address);
    await open();
    await page.getByText(/^2 images in /).waitFor();
    expect(await pixelsIn(page, 'Images')).toEqual(drawn);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a view that cannot be loaded is told of, unless another one is shown by then', async () => {
    const page = await browser().open('/noise', { expected: /ERR_FAILED/ });
    const heading = page.getByRole('heading', { name: 'From digit to noise' });
    const link = (name: string) => page.getByRole('navigation').getByRole('link', { name });
    const alert = page.getByRole('alert').getByText('This part of the page could not be loaded.');
    await heading.waitFor();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.context().route(/guidance-view-[^/]*\.js$/, async (route) => {
      await held;
      await route.abort();
    });
    await page.context().route(/draw-view-[^/]*\.js$/, (route) => route.abort());
    await Promise.all([page.waitForRequest(/guidance-view-/), link('Guidance').click()]);
    await link('Noise').click();
    await heading.waitFor();
    answer();
    await delay(1000);
    expect(await alert.count()).toBe(0);
    expect(await heading.isVisible()).toBe(true);
    await link('Draw').click();
    await alert.waitFor();
    await link('Noise').click();
    await heading.waitFor();
    expect(await alert.count()).toBe(0);
  });

  test('WebGPU that passes the self-test computes; a checkpoint of another size is drawn', async () => {
    // The shipped model would be slow on a GPU in software.
    const model = encodeCheckpoint(tinyCheckpoint());
    const page = await browser().open('/sample?model=quick&device=webgpu&digits=12&steps=2', { model });
    await page.getByText(/^2 images in /).waitFor();
    await page.getByText('(WebGPU)').waitFor();
    expect(await page.locator('.tile canvas').first().getAttribute('width')).toBe('8');
  });

  describe.each([
    ['is missing', 'delete WorkerNavigator.prototype.gpu', 'this browser has no WebGPU'],
    ['cannot be had', `GPU.prototype.requestAdapter = () => Promise.reject(new Error('gone'))`, 'WebGPU failed: gone'],
    ['computes something else', offBy, 'WebGPU failed the self-test: its predictions are off by 1.0e-2'],
  ])('WebGPU that %s', (_what, broken, told) => {
    const model = encodeCheckpoint(tinyCheckpoint());

    test('is told, and WASM computes', async () => {
      const worker = `${asHardware}; ${broken}`;
      const page = await browser().open('/sample?model=quick&digits=12&steps=2', { model, worker });
      await page.getByText(/^2 images in /).waitFor();
      await expect.poll(() => page.getByRole('contentinfo').innerText(), patient).toMatch(/\(WebAssembly, /);
      expect(await page.getByRole('contentinfo').innerText()).toContain(`; ${told}).`);
    });

    test('is refused where it is asked for', async () => {
      const page = await browser().open('/sample?model=quick&device=webgpu&digits=12&steps=2', {
        model,
        worker: broken,
      });
      await page.getByRole('alert').getByText(`The device asked for is webgpu, but ${told}.`).waitFor();
    });
  });
});

describeWithChromium('a browser without WebGPU', () => {
  const browser = pages({ webgpu: false });

  test('says so, and computes with WASM', async () => {
    const page = await browser().open('/sample?model=quick&digits=12&steps=2', {
      model: encodeCheckpoint(tinyCheckpoint()),
    });
    await page.getByText(/^2 images in /).waitFor();
    await page.getByText(/\(WebAssembly, .*; this browser has no WebGPU\)/).waitFor();
  });
});
