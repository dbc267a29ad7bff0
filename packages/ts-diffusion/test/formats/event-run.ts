import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventFiles } from '../../src/node/training/event-file.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import type { MetricsLine } from '../../src/training/metrics-window.js';
import { encodePng } from '../../src/utils/png.js';
import { tinyConfig } from '../training/tiny-run.js';

const line = (step: number, loss: number): MetricsLine => ({
  step,
  loss,
  learningRate: 0.001,
  emaDecay: 0.9,
  msPerStep: 4,
  imagesPerSecond: 1000,
});

/** Bytes of a record that is cut short: its length, a checksum, and some of its data. */
const TORN = 20;

/** Gray, 3 pixels wide and 2 high. */
export const grid = (shade: number): Uint8Array => encodePng(new Uint8Array(6).fill(shade), 3, 2);

/**
 * Writes the event files of a run of 6 steps that was killed after step 5, in the middle of a record, and went on after step 4: at
 * step 5, where the killed process had been already, it finds other losses.
 */
export function writeKilledRun(folder: string): void {
  const samples = (step: number, shade: number): void => {
    writeFileSync(run.samplePath(step), grid(shade));
    run.recordSamples(step);
  };
  let run = RunFolder.create(folder, tinyConfig());
  let metrics = run.openMetrics(0, { tensorboard: true });
  metrics.append(line(2, 0.5));
  metrics.append(line(4, 0.25));
  metrics.append({ step: 4, validationLoss: 0.375, scores: { 'Frechet distance': 12.5, 'Label accuracy': 0.75 } });
  samples(4, 40);
  metrics.append(line(5, 99));
  samples(5, 50);
  metrics.close();
  run.close();
  const [file = ''] = eventFiles(folder);
  appendFileSync(join(folder, file), readFileSync(join(folder, file)).subarray(0, TORN));

  run = RunFolder.resume(folder);
  metrics = run.openMetrics(4, { tensorboard: true });
  metrics.append(line(5, 0.125));
  samples(5, 51);
  metrics.append(line(6, 0.0625));
  metrics.append({ step: 6, validationLoss: 0.3125 });
  metrics.close();
  run.close();
}
