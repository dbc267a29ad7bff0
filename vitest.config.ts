import { defineConfig } from 'vitest/config';
import { sourceAliases } from './test/aliases.js';

/** What runs in a real browser or its WebGPU, installs packages, or starts the daemons of a cluster: slower than all the rest together. */
const endToEnd = [
  'packages/studio/test/**/*.test.ts',
  'packages/ts-diffusion/test/{browser,package}/*.test.ts',
  'packages/*/test/**/*{browser,webgpu}*.test.ts',
  'packages/cli/test/slurm/*.test.ts',
];

const common = {
  setupFiles: ['test/setup.ts'],
  // Child processes rather than worker threads: onnxruntime-node is not safe to load in several threads.
  pool: 'forks' as const,
  testTimeout: 60_000,
};

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          ...common,
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: endToEnd,
        },
      },
      { extends: true, test: { ...common, name: 'e2e', include: endToEnd } },
    ],
  },
});
