import type { LoweringTarget } from '../../src/graph/emission.js';
import { createNodeRuntime } from '../../src/runtime/node.js';
import { describeEmission } from './emission.contract.js';

const target: LoweringTarget = { imageLayout: 'NCHW', maxConcatInputs: Infinity, hasSign: true };

describeEmission('cpu', () => createNodeRuntime({ device: 'cpu', threads: 1 }), {
  'NCHW, the batch outermost': target,
  'CHWN, the batch innermost': { ...target, imageLayout: 'CHWN' },
  'the restrictions of WebGPU': { imageLayout: 'NCHW', maxConcatInputs: 6, hasSign: false },
});
