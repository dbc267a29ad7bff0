import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithChromium, softwareGpuEnvironment } from './chromium.js';
import type { Observation } from './webgpu-state-child.js';

describeWithChromium('training on webgpu', () => {
  it('keeps the state on the device between steps, and arrives where the cpu does', async () => {
    const child = fileURLToPath(new URL('webgpu-state-child.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child], {
      env: softwareGpuEnvironment,
    });
    const { runs, difference } = JSON.parse(stdout) as Observation;
    const all = (location: string): string[] => Array<string>(4).fill(location);
    const uploading = { fed: all('cpu'), returned: all('gpu-buffer'), passedOn: false };
    const staying = { fed: all('gpu-buffer'), returned: all('gpu-buffer'), passedOn: true };
    expect(runs).toEqual([uploading, staying, staying]);
    expect(difference).toBeLessThan(1e-6);
  });
});
