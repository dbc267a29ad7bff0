import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../../src/runtime/node.js';
import { RuntimeError } from '../../src/runtime/types.js';
import { describeContract } from './contract-suite.js';

describeContract('cpu', () => createNodeRuntime());

describe('createNodeRuntime', () => {
  it('computes with the threads asked for', async () => {
    expect((await createNodeRuntime({ threads: 1 })).threads).toBe(1);
  });

  it('takes 0 for one thread per physical core', async () => {
    const { threads } = await createNodeRuntime({ threads: 0 });
    expect(threads).toBe((await createNodeRuntime()).threads);
  });

  it.each([-1, 1.5, Number.NaN])('refuses %d threads', async (threads) => {
    await expect(createNodeRuntime({ threads })).rejects.toThrow(RuntimeError);
  });
});
