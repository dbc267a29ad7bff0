import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, vi } from 'vitest';
import { createStudio } from '../../src/studio/server.js';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { cliPath } from '../commands/run-cli.js';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';

export interface StudioUnderTest {
  readonly app: FastifyInstance;
  /** The temporary folder, with `runs/` and `web/` in it. */
  readonly root: string;
}

/** A studio for each test of the file, with one finished run `tiny` of 3 steps; call at its top level. */
export function studioUnderTest(): () => StudioUnderTest {
  let current: StudioUnderTest | undefined;
  patientTests();
  beforeEach(() => {
    const root = mkdtempSync(join(tmpdir(), 'studio-'));
    mkdirSync(join(root, 'web'));
    writeFileSync(join(root, 'web/index.html'), '<html data-server="no">the page</html>');
    writeFileSync(join(root, 'secret.txt'), 'secret');
    writeRun(join(root, 'runs/tiny'), 3);
    const app = createStudio({
      runsFolder: join(root, 'runs'),
      webFolder: join(root, 'web'),
      cli: cliPath,
      host: '127.0.0.1',
    });
    current = { app, root };
  });
  afterEach(async () => {
    await current?.app.close();
    if (current) rmSync(current.root, { recursive: true, force: true });
  });
  return () => current as StudioUnderTest;
}

/** Waits until the expectations hold. */
export function eventually(expectations: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(expectations, patient);
}

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
