import { loweringTarget, type LoweringTarget } from '../../src/graph/index.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { runEmission } from './emission.contract.js';
import { describeEmission } from './emission.suite.js';

const runtime = createNodeRuntime({ device: 'cpu', threads: 1 });

const targets: Record<string, LoweringTarget> = {
  'for inference on the CPU (NCHW)': loweringTarget('cpu', 'inference'),
  'for training on the CPU (CHWN)': loweringTarget('cpu', 'training'),
  'under the restrictions of WebGPU': loweringTarget('webgpu', 'training'),
};

for (const [name, target] of Object.entries(targets)) {
  describeEmission(name, async (primitive) => runEmission(await runtime, target, primitive));
}
