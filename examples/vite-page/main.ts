/** Draws the digit that is chosen, in a worker. A newer choice takes the place of the drawing under way. */
import { WorkerPipeline } from 'ts-diffusion/worker';

const label = document.querySelector('#label') as HTMLInputElement;
const canvas = document.querySelector('#image') as HTMLCanvasElement;
const status = document.querySelector('#status') as HTMLElement;

const pipeline = await WorkerPipeline.load('modern', { newestWins: true });

async function draw(): Promise<void> {
  status.textContent = 'Drawing';
  try {
    const { images, height, width } = await pipeline.generate({ labels: [label.valueAsNumber], seed: 1 });
    const pixels = new ImageData(width, height);
    images.forEach((gray, i) => {
      pixels.data.set([gray, gray, gray, 255], 4 * i);
    });
    canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    status.textContent = `Drew ${label.value}`;
  } catch (error) {
    if (error instanceof Error && error.name !== 'AbortError') status.textContent = error.message;
  }
}

label.addEventListener('input', () => void draw());
await draw();
