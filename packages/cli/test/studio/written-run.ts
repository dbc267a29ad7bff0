import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';

/** A run folder with a checkpoint of the tiny model, one line of metrics per step, and samples as wide as their step. */
export function writeRun(folder: string, steps: number): void {
  writeTinyRun(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ steps, batchSize: 4 }));
  writeFileSync(join(folder, 'metrics.jsonl'), metricsLines(1, steps));
  mkdirSync(join(folder, 'samples'), { recursive: true });
  for (const step of [2, 3]) {
    writeFileSync(join(folder, `samples/step-00000${step}.png`), encodePng(new Uint8Array(step), step, 1));
  }
}

export function metricsLines(first: number, last: number): string {
  const line = (step: number): string =>
    JSON.stringify({ step, loss: 1 / step, learningRate: 0.001, emaDecay: 0.9, msPerStep: 5, imagesPerSecond: 800 });
  return Array.from({ length: last - first + 1 }, (_, i) => `${line(first + i)}\n`).join('');
}
