import { describe, expect, it } from 'vitest';
import { OnnxGraphBuilder } from '../../src/onnx/writer.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
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

  it.each([-1, 1.5])('refuses %d threads', async (threads) => {
    await expect(createNodeRuntime({ threads })).rejects.toThrow(RuntimeError);
  });

  it('refuses what is no number of threads', async () => {
    await expect(createNodeRuntime({ threads: Number.NaN })).rejects.toThrow('"options.threads" is NaN');
  });

  it('leaves no copies of the state to the garbage collector', async () => {
    const size = 1_000_000;
    const graph = new OnnxGraphBuilder('negation');
    graph.input('state', 'float32', [size]);
    graph.node('Neg', ['state'], {}, ['state.next']);
    graph.output('state.next', 'float32', [size]);
    const runtime = await createNodeRuntime();
    const states = [{ input: 'state', output: 'state.next', shape: [size] }];
    const program = await runtime.compile({ model: graph.build(), states });
    const initial = new Float32Array(size).fill(1);
    program.writeState('state', initial);
    await program.run({});

    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 3; i++) {
      program.writeState('state', initial);
      await program.run({});
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(initial.byteLength / 2);
    }
    await program.dispose();
  });
});
