import { EventFile } from '../../../src/node/training/event-file.js';
import { MetricsFile } from '../../../src/node/training/metrics.js';

/**
 * Appends lines to a log until one is refused, and prints how many were not, and the refusal: `append-child.ts metrics FILE` or
 * `append-child.ts events FOLDER`.
 */
const [kind, path = ''] = process.argv.slice(2);
const line = (step: number) => ({ step, loss: 1, learningRate: 1, emaDecay: 1, msPerStep: 1, imagesPerSecond: 1 });
const metrics = kind === 'metrics' ? new MetricsFile(path, 0) : undefined;
const events = kind === 'events' ? new EventFile(path, 0, () => undefined) : undefined;
let appended = 0;
try {
  for (; appended < 10_000; appended++) {
    metrics?.append(line(appended));
    events?.addLine(line(appended));
  }
} catch (error) {
  console.log(JSON.stringify({ appended, problem: (error as Error).message }));
}
