import { describe, expect, it, test } from 'vitest';
import { createRuntime } from '../../src/browser/platform/runtime.js';
import { createWebRuntime } from '../../src/browser/runtime/web.js';
import { describeContract } from './contract-suite.js';

describeContract('wasm', () => createWebRuntime({ threads: 1 }));

test('createRuntime of a browser takes back the device that a runtime has', async () => {
  const { device } = await createRuntime({ threads: 1 });
  expect(device).toBe('wasm');
  expect((await createRuntime({ device, threads: 1 })).device).toBe('wasm');
});

describe('createWebRuntime', () => {
  it('refuses other threads than those the page already runs', async () => {
    await createWebRuntime({ threads: 1 });
    await expect(createWebRuntime({ threads: 2 })).rejects.toThrow(/already runs with 1 thread/);
  });

  it('refuses webgpu where the platform has none', async () => {
    await expect(createWebRuntime({ device: 'webgpu' })).rejects.toThrow(/no WebGPU adapter; use device 'wasm'/);
  });
});
