import { arrangementEmission } from './arrangement.js';
import { broadcastEmission } from './broadcast.js';
import { convolutionEmission } from './convolution.js';
import { elementwiseEmission } from './elementwise.js';
import { foldingEmission } from './folding.js';
import { inferenceEmission } from './inference.js';
import { matmulEmission } from './matmul.js';
import { reductionEmission } from './reduction.js';
import { resamplingEmission } from './resampling.js';
import type { EmitRules } from './rule.js';
import { sourceEmission } from './source.js';

/** How every operation is written as ONNX nodes. */
export const emitRules: EmitRules = {
  ...sourceEmission,
  ...elementwiseEmission,
  ...reductionEmission,
  ...broadcastEmission,
  ...arrangementEmission,
  ...matmulEmission,
  ...convolutionEmission,
  ...foldingEmission,
  ...resamplingEmission,
  ...inferenceEmission,
};
