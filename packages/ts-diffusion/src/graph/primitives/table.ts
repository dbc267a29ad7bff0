import type { Primitive, PrimitiveName } from '../tensor.js';
import * as activations from './activations.js';
import * as arithmetic from './arithmetic.js';
import * as arrangement from './arrangement.js';
import * as convolution from './convolution.js';
import * as inference from './inference.js';
import { matmulPrimitive } from './matmul.js';
import * as resampling from './resampling.js';
import { constantPrimitive, inputPrimitive } from './source.js';

/**
 * Every primitive of the engine. A name without an entry, or an entry without a shape rule, an ONNX emission or a gradient
 * rule, does not compile; nor does the tests' reference interpreter if it leaves one out.
 */
export const primitives: Readonly<Record<PrimitiveName, Primitive>> = {
  input: inputPrimitive,
  constant: constantPrimitive,
  add: arithmetic.addPrimitive,
  sub: arithmetic.subPrimitive,
  mul: arithmetic.mulPrimitive,
  div: arithmetic.divPrimitive,
  neg: arithmetic.negPrimitive,
  exp: arithmetic.expPrimitive,
  log: arithmetic.logPrimitive,
  sqrt: arithmetic.sqrtPrimitive,
  sin: arithmetic.sinPrimitive,
  cos: arithmetic.cosPrimitive,
  square: arithmetic.squarePrimitive,
  sigmoid: arithmetic.sigmoidPrimitive,
  silu: activations.siluPrimitive,
  softmax: activations.softmaxPrimitive,
  abs: arithmetic.absPrimitive,
  relu: arithmetic.reluPrimitive,
  sign: arithmetic.signPrimitive,
  greater: arithmetic.greaterPrimitive,
  equal: arithmetic.equalPrimitive,
  cast: arithmetic.castPrimitive,
  reduceSum: arithmetic.reduceSumPrimitive,
  broadcast: arithmetic.broadcastPrimitive,
  reshape: arrangement.reshapePrimitive,
  transpose: arrangement.transposePrimitive,
  toImage: arrangement.toImagePrimitive,
  toArray: arrangement.toArrayPrimitive,
  slice: arrangement.slicePrimitive,
  pad: arrangement.padPrimitive,
  concat: arrangement.concatPrimitive,
  matmul: matmulPrimitive,
  conv2d: convolution.conv2dPrimitive,
  conv2dInputGradient: convolution.conv2dInputGradientPrimitive,
  conv2dFilterGradient: convolution.conv2dFilterGradientPrimitive,
  maxPool2x2: resampling.maxPoolPrimitive,
  maxPool2x2Gradient: resampling.maxPoolGradientPrimitive,
  sumPool2x2: resampling.sumPoolPrimitive,
  upsampleNearest2x: resampling.upsampleNearestPrimitive,
  depthToSpace2x: resampling.depthToSpacePrimitive,
  spaceToDepth2x: resampling.spaceToDepthPrimitive,
  stridedConv2d: inference.stridedConv2dPrimitive,
  maxPool2d: inference.maxPool2dPrimitive,
  averagePool2d: inference.averagePool2dPrimitive,
  resizeBilinear: inference.resizeBilinearPrimitive,
};
