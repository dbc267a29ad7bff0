import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { detectDevices, type DeviceReport } from '../../../src/node/runtime/devices.js';
import { describeWithChromium, softwareGpuEnvironment } from '../../runtime/chromium.js';

describe('detectDevices', () => {
  it('always finds the cpu', async () => {
    const [cpu] = await detectDevices();
    expect(cpu).toMatchObject({ device: 'cpu', available: true });
  });

  it('gives up on a driver that does not answer in time', async () => {
    expect((await detectDevices({ timeoutMs: 1 }))[1]).toEqual({
      device: 'webgpu',
      available: false,
      detail: 'no answer from the driver within 0.001 s',
    });
  });
});

describeWithChromium('detectDevices with a software GPU', () => {
  const inChild = async (environment: NodeJS.ProcessEnv): Promise<DeviceReport | undefined> => {
    const module = fileURLToPath(new URL('../../../src/node/runtime/devices.ts', import.meta.url));
    const script = `const { detectDevices } = await import(${JSON.stringify(module)});
      process.stdout.write(JSON.stringify(await detectDevices()));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { env: environment },
    );
    return (JSON.parse(stdout) as DeviceReport[])[1];
  };

  it('finds it', async () => {
    expect(await inChild(softwareGpuEnvironment)).toMatchObject({ device: 'webgpu', available: true });
  });

  it('says why where there is no driver', async () => {
    const report = await inChild({ ...softwareGpuEnvironment, VK_DRIVER_FILES: '/nonexistent.json' });
    expect(report).toMatchObject({ device: 'webgpu', available: false });
    expect(report?.detail).toMatch(/^Failed to get a WebGPU adapter/);
  });
});
