/**
 * Trains a very small network on the package's 10,000 digits, in a worker, and shows what it draws. The page stays responsive; Stop
 * ends the training with a checkpoint.
 */
import { loadEmbeddedDigits } from 'ts-diffusion/data';
import { imageGrid } from 'ts-diffusion/images';
import { trainInWorker } from 'ts-diffusion/worker';

const bar = document.querySelector('#bar') as HTMLProgressElement;
const status = document.querySelector('#status') as HTMLElement;
const canvas = document.querySelector('#image') as HTMLCanvasElement;
const stop = document.querySelector('#stop') as HTMLButtonElement;

const abort = new AbortController();
stop.addEventListener('click', () => {
  abort.abort();
});

/** @param images [N, H, W], 0..255 */
function show(images: Uint8Array, height: number, width: number): void {
  const grid = imageGrid(images, { height, width }, 5);
  [canvas.width, canvas.height] = [grid.width, grid.height];
  const pixels = new ImageData(grid.width, grid.height);
  grid.data.forEach((gray, i) => {
    pixels.data.set([gray, gray, gray, 255], 4 * i);
  });
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}

const dataset = await loadEmbeddedDigits();
const steps = 40;
const training = trainInWorker({
  preset: 'quick',
  config: {
    channels: [8, 16],
    timesteps: 50,
    samplingSteps: 0,
    steps,
    warmupSteps: 10,
    checkpointEvery: steps,
    emaDecay: 0.9,
  },
  dataset,
  samples: { labels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], samplingSteps: 10 },
  signal: abort.signal,
});
let checkpoint: Uint8Array | undefined;
for await (const event of training) {
  if (event.type === 'step') {
    bar.max = steps;
    bar.value = event.step;
    status.textContent = `Step ${event.step} of ${steps}: loss ${event.loss.toFixed(3)}`;
  }
  if (event.type === 'samples') show(event.images, dataset.height, dataset.width);
  if (event.type === 'checkpoint') checkpoint = event.checkpoint;
}
status.textContent = `Trained; the checkpoint has ${checkpoint?.length ?? 0} bytes`;
