import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { softwareGpuEnvironment, describeWithChromium } from './chromium.js';
import { itHolds } from './contract-suite.js';
import type { ContractResult } from './contract.js';

describeWithChromium('contract of Runtime on webgpu in Node', () => {
  itHolds(async () => {
    const child = fileURLToPath(new URL('node-webgpu-child.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child], {
      env: softwareGpuEnvironment,
    });
    return JSON.parse(stdout) as ContractResult[];
  });
});
