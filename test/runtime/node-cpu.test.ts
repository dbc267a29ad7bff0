import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../../src/runtime/node.js';
import { RuntimeError } from '../../src/runtime/types.js';
import { describeContract } from './contract-suite.js';

describeContract('cpu', () => createNodeRuntime());

describe('createNodeRuntime', () => {
  it('computes with the threads asked for', async () => {
    expect((await createNodeRuntime({ threads: 1 })).threads).toBe(1);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d threads', async (threads) => {
    await expect(createNodeRuntime({ threads })).rejects.toThrow(RuntimeError);
  });
});
