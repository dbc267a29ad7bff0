import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { decodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { patient } from '../patience.js';
import { describeWithChromium } from '../runtime/chromium.js';
import { builtPage } from './built-page.js';

/** What a piece of the page's code gives, with the library's worker entry at hand. As text: the test runner would rewrite a function. */
const inPage = <Result>(page: Page, code: string): Promise<Result> =>
  page.evaluate<Result>(`(async ({ WorkerPipeline, WorkerClassifier, DiffusionWorker, WorkerEndedError, trainInWorker }) => {
    ${code}
  })(library.worker)`);

describeWithChromium('ts-diffusion/worker in a page', () => {
  const built = builtPage();

  test('draws what Node draws, without blocking the page', async () => {
    const page = await built().open('empty.html');
    const { images, frames, info, milliseconds } = await inPage<{
      images: number[];
      frames: number;
      info: { device: string };
      milliseconds: number;
    }>(
      page,
      `const pipeline = await WorkerPipeline.load('quick', { device: 'cpu' });
       let frames = 0;
       const count = () => { frames++; requestAnimationFrame(count); };
       count();
       const begin = performance.now();
       const { images } = await pipeline.generate({ labels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seed: 2, samplingSteps: 10 });
       return { images: [...images], frames, info: pipeline.info, milliseconds: performance.now() - begin };`,
    );
    expect(info.device).toBe('wasm');
    const direct = await DiffusionPipeline.load('quick', { threads: 1 });
    const drawn = await direct.generate({ labels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seed: 2, samplingSteps: 10 });
    await direct.dispose();
    expect(images).toBeCloseToTensor(drawn.images, { atol: 1 });
    expect(frames).toBeGreaterThan(milliseconds / 200);
  });

  test('lets the newest win, stops within one evaluation, and goes on in another worker after a crash', async () => {
    const page = await built().open('empty.html');
    const outcome = await inPage<Record<string, unknown>>(
      page,
      `globalThis.pipeline = await WorkerPipeline.load('quick', { device: 'cpu', newestWins: true });
       const long = { labels: [1, 2, 3, 4], samplingSteps: 500 };
       const older = pipeline.generate(long).catch(({ name }) => name);
       const begin = performance.now();
       const { count } = await pipeline.generate({ labels: [5], samplingSteps: 2 });
       const abort = new AbortController();
       let states = 0;
       const stopped = pipeline.generate(long, {
         signal: abort.signal,
         onState: () => { if (++states === 3) abort.abort(); },
       }).catch(({ name }) => name);
       const names = [await older, await stopped];
       await pipeline.generate({ labels: [5], samplingSteps: 2 });
       return { count, names, states };`,
    );
    expect(outcome).toEqual({ count: 1, names: ['AbortError', 'AbortError'], states: 3 });

    const crashed = inPage<boolean>(
      page,
      `return await pipeline.generate({ labels: [1, 2, 3, 4], samplingSteps: 500 }).catch((error) => error instanceof WorkerEndedError);`,
    );
    await page.workers()[0]?.evaluate('close()');
    expect(await crashed).toBe(true);
    expect(
      await inPage<number>(page, `return (await pipeline.generate({ labels: [5], samplingSteps: 2 })).count;`),
    ).toBe(1);
    await inPage(page, 'pipeline.dispose();');
    await expect.poll(() => page.workers().length, patient).toBe(0);
  });

  test('keeps a downloaded model as long as the server says that it has not changed', async () => {
    const page = await built().open('empty.html');
    const models = (): string[] => built().requests.filter((request) => request.includes('quick'));
    const load = `(await WorkerPipeline.load('quick', { device: 'cpu', warmUp: false })).dispose();`;
    await inPage(page, load);
    expect(models().map((request) => request.split(' ')[0])).toEqual(['GET']);
    await inPage(page, load);
    await inPage(page, load);
    expect(models().map((request) => request.split(' ')[0])).toEqual(['GET', 'HEAD', 'HEAD']);
    await page.context().setOffline(true);
    // The worker's own script, and the manifest, come from the network.
    await page.context().setOffline(false);
    await inPage(page, load.replace('warmUp: false', 'warmUp: false, cache: false'));
    expect(models().at(-1)).toMatch(/^GET /);
  });

  test('classifies while it draws', async () => {
    const page = await built().open('empty.html');
    const likeliest = await inPage<number[]>(
      page,
      `const on = new DiffusionWorker();
       const [pipeline, classifier] = await Promise.all([
         WorkerPipeline.load('quick', { on, device: 'cpu' }),
         WorkerClassifier.load('evaluator', { on, device: 'cpu' }),
       ]);
       const labels = [0, 3, 7];
       const [height, width] = [28, 28];
       const { images } = await pipeline.generate({ labels, seed: 4, guidanceWeight: 3 });
       const drawing = pipeline.generate({ labels, samplingSteps: 500 });
       const first = await Promise.race([drawing.then(() => 'drawn'), classifier.classify({ images, height, width })]);
       on.dispose();
       await drawing.catch(() => undefined);
       if (first === 'drawn') throw new Error('the classifier waited for the drawing');
       return labels.map((_, i) => first.probabilities.subarray(10 * i, 10 * i + 10).reduce((best, p, c, all) => (p > all[best] ? c : best), 0));`,
    );
    expect(likeliest).toEqual([0, 3, 7]);
  });

  test('trains, and its checkpoint is one of Node', async () => {
    const page = await built().open('empty.html');
    const { types, checkpoint } = await inPage<{ types: string[]; checkpoint: number[] }>(
      page,
      `const pixels = 8 * 8;
       const images = Uint8Array.from({ length: 10 * pixels }, (_, i) => (i * 37) % 256);
       const labels = Uint8Array.from({ length: 10 }, (_, i) => i);
       const dataset = { images, labels, count: 10, height: 8, width: 8, classes: 10, source: 'a pattern', sha256: '0'.repeat(64) };
       const config = { channels: [4, 8], timesteps: 10, batchSize: 2, steps: 2, checkpointEvery: 5, sampleEvery: 0 };
       const [types, files] = [[], []];
       for await (const event of trainInWorker({ config, dataset, device: 'cpu' })) {
         types.push(event.type);
         if (event.type === 'checkpoint') files.push(event.checkpoint);
       }
       return { types, checkpoint: [...files.at(-1)] };`,
    );
    expect(types).toEqual(['started', 'step', 'step', 'metrics', 'checkpoint', 'stopped']);
    expect(decodeCheckpoint(Uint8Array.from(checkpoint), 'it')).toMatchObject({
      step: 2,
      data: { source: 'a pattern' },
    });
    await expect.poll(() => page.workers().length, patient).toBe(0);
    const refused = await inPage<string>(
      page,
      `for await (const event of trainInWorker({ device: 'cpu' })) return event.type;`.replace('for', 'try { for') +
        `} catch (error) { return error.name + ': ' + error.message; }`,
    );
    expect(refused).toMatch(/^ConfigError: Training in a browser needs a dataset/);
  });
});
