import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';
import { RunFolder } from '../../packages/ts-diffusion/src/node/training/run-folder.js';
import { train } from '../../packages/ts-diffusion/src/training/training-run.js';
import { say } from '../support/report.js';
import { config, digits } from '../support/workload.js';

/** The part of `train`'s wall time in which the graph does not run: data, noise, logging, and waiting for the event loop. */
export async function benchmarkOutsideTheGraph(runtime: Runtime, steps: number): Promise<void> {
  let inGraph = 0;
  const measuring: Runtime = {
    ...runtime,
    compile: async (source) => {
      const program = await runtime.compile(source);
      const run = program.run.bind(program);
      program.run = async (inputs) => {
        const start = performance.now();
        const outputs = await run(inputs);
        inGraph += performance.now() - start;
        return outputs;
      };
      return program;
    },
  };
  const path = mkdtempSync(join(tmpdir(), 'ts-diffusion-bench-'));
  const run = { ...config, steps, checkpointEvery: steps, sampleEvery: 0 };
  const folder = RunFolder.create(join(path, 'run'), run);
  let start = 0;
  let total = 0;
  for await (const event of train({ config: run, dataset: digits, store: folder, runtime: measuring })) {
    if (event.type === 'started') start = performance.now();
    if (event.type === 'step') total = performance.now() - start;
  }
  folder.close();
  rmSync(path, { recursive: true });
  const outside = total - inGraph;
  say(`\n## Outside the graph, \`train\` over ${steps} steps of preset \`paper\`\n`);
  say(
    `- ${(outside / steps).toFixed(1)} of ${(total / steps).toFixed(1)} ms per step: ${((100 * outside) / total).toFixed(1)} %`,
  );
}
