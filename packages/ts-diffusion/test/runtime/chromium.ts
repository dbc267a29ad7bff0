import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { describe, it } from 'vitest';

/**
 * Debian's `chromium` package: a browser, and SwiftShader, a Vulkan driver in software on which WebGPU runs without a GPU.
 */
const EXECUTABLE = '/usr/bin/chromium';
const LIBRARIES = '/usr/lib/chromium';

export const chromiumInstalled = existsSync(EXECUTABLE) && existsSync(`${LIBRARIES}/vk_swiftshader_icd.json`);

/**
 * Environment for a child process in which onnxruntime-node finds SwiftShader as its only GPU. It has to be set when the
 * process starts: the loader reads LD_LIBRARY_PATH (where chromium keeps its libvulkan) only then.
 */
export const softwareGpuEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  LD_LIBRARY_PATH: LIBRARIES,
  VK_DRIVER_FILES: `${LIBRARIES}/vk_swiftshader_icd.json`,
};

/** `describe` where chromium is installed; otherwise skipped, or failed in CI, which has to install it. */
export function describeWithChromium(name: string, body: () => void): void {
  if (chromiumInstalled) {
    describe(name, body);
  } else if (process.env['CI']) {
    describe(name, () => {
      it('finds chromium', () => {
        throw new Error(
          "CI runs the WebGPU and browser tests: install Debian's chromium package (apt-get install chromium).",
        );
      });
    });
  } else {
    describe.skip(`${name} (needs Debian's chromium package)`, body);
  }
}

/** A headless browser whose WebGPU adapter is SwiftShader, or which has none. */
export function launchChromium({ webgpu = true } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : []),
    ],
  });
}
