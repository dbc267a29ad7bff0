import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patientTests } from '../patience.js';
import { createConsumer, type Consumer } from './consumer.js';
import { drawing, drawnHere } from './drawing-page.js';
import { installedRuntimes } from './runtimes.js';

const run = promisify(execFile);

const program = `
import { createHash } from 'node:crypto';
import { DiffusionPipeline } from 'ts-diffusion';
const pipeline = await DiffusionPipeline.load('modern', { threads: 1 });
const { images } = await pipeline.generate(${JSON.stringify(drawing)});
console.log(createHash('sha256').update(images).digest('hex'));
await pipeline.dispose();
`;

let consumer: Consumer;
let bare: Consumer;
let expected: string;
patientTests();
beforeAll(async () => {
  consumer = createConsumer('onnxruntime-node', 'onnxruntime-common');
  bare = createConsumer();
  expected = createHash('sha256')
    .update(await drawnHere())
    .digest('hex');
});
afterAll(() => {
  consumer.remove();
  bare.remove();
});

// Time: 2 s for each runtime, and 5 s. `npm run test:runtimes` runs all of them.
describe('the packed library draws, to the bit, what its sources draw', () => {
  it.each(installedRuntimes())('in %s', async (_, [executable = '', ...parameters]) => {
    const file = consumer.write('draw.mjs', program);
    const { stdout } = await run(executable, [...parameters, file], {
      cwd: consumer.folder,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: '1', ORT_DISABLE_TELEMETRY: '1' },
    });
    expect(stdout.trim()).toBe(expected);
  });
});

describe('the packed library without ONNX Runtime', () => {
  it.each(installedRuntimes())('says what to install, in %s', async (_, [executable = '', ...parameters]) => {
    const file = bare.write('draw.mjs', program);
    const failure: unknown = await run(executable, [...parameters, file], { cwd: bare.folder }).catch(
      (error: unknown) => error,
    );
    expect((failure as { stderr: string }).stderr).toContain(
      'ONNX Runtime is not installed: run ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0',
    );
  });
});
