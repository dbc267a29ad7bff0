import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { chooseRuntime } from '../../src/diagnostics/choose-runtime.js';
import { patientTests } from '../patience.js';
import { softwareGpuEnvironment } from '../runtime/chromium.js';

describe('chooseRuntime in Node', () => {
  patientTests();

  it('takes the CPU unless asked otherwise', async () => {
    const { runtime, note } = await chooseRuntime({ threads: 1 }, 'paper-unet', 'sampling');
    expect([runtime.device, note]).toEqual(['cpu', undefined]);
  });

  it('refuses webgpu where there is none, as createRuntime does, and computes on nothing else', async () => {
    const module = fileURLToPath(new URL('../../src/diagnostics/choose-runtime.ts', import.meta.url));
    const script = `const { chooseRuntime } = await import(${JSON.stringify(module)});
      const told = await chooseRuntime({ device: 'webgpu' }, 'paper-unet', 'sampling').then(
        ({ runtime }) => runtime.device,
        ({ name, message }) => name + ': ' + message,
      );
      process.stdout.write(told);
      process.exit(0);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { env: { ...softwareGpuEnvironment, VK_DRIVER_FILES: '/nonexistent.json' } },
    );
    expect(stdout).toMatch(/^RuntimeError: The device asked for is webgpu, but WebGPU failed the self-test: /);
  });
});
