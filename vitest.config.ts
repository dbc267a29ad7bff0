import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Child processes rather than worker threads: onnxruntime-node is not safe to load in several threads.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
