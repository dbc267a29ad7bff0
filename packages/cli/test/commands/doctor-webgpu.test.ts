import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { patient } from '../../../ts-diffusion/test/patience.js';
import { describeWithChromium, softwareGpuEnvironment } from '../../../ts-diffusion/test/runtime/chromium.js';
import { runCli } from './run-cli.js';

describeWithChromium('diffusion doctor with a GPU in software', () => {
  test('trains alike on webgpu and cpu', patient, () => {
    const { code, stdout } = runCli(['doctor', '--offline'], tmpdir(), softwareGpuEnvironment);
    expect(stdout).toMatch(/^webgpu +onnxruntime-node [\d.]+: [\d.]+ GFLOPS/m);
    expect(stdout).toMatch(/^agreement +pass: webgpu and cpu differ by at most \d\.\de-\d+ in a parameter/m);
    expect(code).toBe(0);
  });
});
