import { defineConfig } from 'vitest/config';
import { sourceAliases } from './test/aliases.js';

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Child processes rather than worker threads: onnxruntime-node is not safe to load in several threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
