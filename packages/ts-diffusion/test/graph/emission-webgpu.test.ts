import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeWithChromium, softwareGpuEnvironment } from '../runtime/chromium.js';
import type { EmissionResult } from './emission.contract.js';
import { describeEmission } from './emission.suite.js';

let results: Promise<Record<string, EmissionResult[] | string>> | undefined;

async function runChild(): Promise<Record<string, EmissionResult[] | string>> {
  const child = fileURLToPath(new URL('emission-webgpu-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child], {
    env: softwareGpuEnvironment,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as Record<string, EmissionResult[] | string>;
}

describeWithChromium('on webgpu through SwiftShader', () => {
  describeEmission('primitives', async (primitive) => {
    const result = (await (results ??= runChild()))[primitive];
    if (typeof result === 'string') throw new Error(result);
    return result ?? [];
  });
});
