import { expect, test } from 'vitest';
import { createRuntime } from '../../../src/node/platform/runtime.js';
import { ConfigError } from '../../../src/utils/errors.js';

test('createRuntime takes back the device that a runtime has', async () => {
  const { device } = await createRuntime({ threads: 1 });
  expect((await createRuntime({ device, threads: 1 })).device).toBe(device);
});

test('createRuntime of Node has no device of browsers', async () => {
  await expect(createRuntime({ device: 'wasm' })).rejects.toThrow(ConfigError);
});
