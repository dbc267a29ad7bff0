import { parseArgs } from 'node:util';
import { measureMatrixProduct } from '../packages/ts-diffusion/src/diagnostics/matrix-product.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { benchmarkHelp } from './measurements/help.js';
import { benchmarkMemory } from './measurements/memory.js';
import { benchmarkOutsideTheGraph } from './measurements/outside-the-graph.js';
import { benchmarkForward } from './measurements/sampling.js';
import { benchmarkTraining } from './measurements/training.js';
import { someOf, wholeNumber } from './support/options.js';
import { PyTorchPeer } from './support/pytorch.js';
import { heading, say } from './support/report.js';

/** `npm run bench`: speed and memory as in docs/results/performance.md. */
const measurements = ['train', 'outside', 'forward', 'memory', 'help'] as const;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    'memory-steps': { type: 'string', default: '1000' },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string', default: measurements.join() },
  },
});
const rounds = wholeNumber('rounds', options.rounds);
const wanted = someOf('only', options.only, measurements);
const memorySteps = wholeNumber('memory-steps', options['memory-steps']);

const runtime = await createNodeRuntime({ device: 'cpu' });
const started = await PyTorchPeer.start(options.python);
heading('Performance', `npm run bench -- ${process.argv.slice(2).join(' ')}`);
say(`- ${runtime.version}, ${runtime.threads} threads; ${started?.description ?? 'no PyTorch found'}`);

// First and in a process of its own age: what the peak is measured with must not count as the training's memory.
if (wanted.includes('memory')) await benchmarkMemory(runtime, memorySteps);
if (wanted.includes('train') || wanted.includes('forward')) {
  const { gflops: peak } = await measureMatrixProduct(runtime);
  say(`\nMatrix product in ONNX Runtime: ${peak.toFixed(0)} GFLOPS.`);
  if (wanted.includes('train')) await benchmarkTraining(runtime, started?.peer ?? null, peak, rounds);
  if (wanted.includes('forward')) await benchmarkForward(runtime, started?.peer ?? null, peak, rounds);
}
if (wanted.includes('outside')) await benchmarkOutsideTheGraph(runtime, 60);
if (wanted.includes('help')) benchmarkHelp(rounds);
started?.peer.stop();
