import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, vi } from 'vitest';
import { createStudio } from '../../src/studio/server.js';
import { cliPath } from '../commands/run-cli.js';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { writeRun } from './written-run.js';

export { metricsLines, writeRun } from './written-run.js';

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
