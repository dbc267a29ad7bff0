import { arrangementShapes } from './arrangement.js';
import { broadcastShapes } from './broadcast.js';
import { convolutionShapes } from './convolution.js';
import { elementwiseShapes } from './elementwise.js';
import { foldingShapes } from './folding.js';
import { inferenceShapes } from './inference.js';
import { matmulShapes } from './matmul.js';
import { reductionShapes } from './reduction.js';
import { resamplingShapes } from './resampling.js';
import type { ShapeRules } from './rule.js';
import { sourceShapes } from './source.js';

/** How the output's shape follows from the inputs', for every operation. */
export const shapeRules: ShapeRules = {
  ...sourceShapes,
  ...elementwiseShapes,
  ...reductionShapes,
  ...broadcastShapes,
  ...arrangementShapes,
  ...matmulShapes,
  ...convolutionShapes,
  ...foldingShapes,
  ...resamplingShapes,
  ...inferenceShapes,
};
