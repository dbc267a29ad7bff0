import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithChromium, softwareGpuEnvironment } from './chromium.js';
import type { ObservedRun } from './webgpu-state-child.js';

describeWithChromium('training on webgpu', () => {
  it('uploads the state once and keeps it on the device between steps', async () => {
    const child = fileURLToPath(new URL('webgpu-state-child.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child], {
      env: softwareGpuEnvironment,
    });
    const [first, ...later] = JSON.parse(stdout) as ObservedRun[];
    const all = (location: string): string[] => Array<string>(4).fill(location);
    expect(first).toEqual({ fed: all('cpu'), returned: all('gpu-buffer'), passedOn: false });
    expect(later).toHaveLength(2);
    for (const run of later) {
      expect(run).toEqual({ fed: all('gpu-buffer'), returned: all('gpu-buffer'), passedOn: true });
    }
  });
});
