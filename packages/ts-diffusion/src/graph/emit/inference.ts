import type { InferenceOperation, WindowAttributes } from '../operations.js';
import type { EmitRule, EmitRules } from './rule.js';

const onnxWindow = ({ kernel, stride, padding }: WindowAttributes): Record<string, readonly number[]> => ({
  kernel_shape: kernel,
  strides: [stride, stride],
  pads: [...padding, ...padding],
});

/** An operator that moves a window over its first input. */
function windowed(
  opType: 'Conv' | 'MaxPool' | 'AveragePool',
): EmitRule<'stridedConv2d' | 'maxPool2d' | 'averagePool2d'> {
  return (emission, { inputs, attributes, shape }) => {
    const operands = inputs.map((input) => emission.view(input));
    return { name: emission.node(opType, operands, onnxWindow(attributes)), shape };
  };
}

export const inferenceEmission: EmitRules<InferenceOperation> = {
  stridedConv2d: windowed('Conv'),
  maxPool2d: windowed('MaxPool'),
  averagePool2d: windowed('AveragePool'),
  resizeBilinear: (emission, { inputs: [input], shape }) => {
    const x = emission.view(input);
    // The batch may be symbolic: its size comes from the value itself.
    const batch = emission.node('Shape', [x], { start: 0, end: 1 });
    const size = emission.node('Concat', [batch, emission.ints(shape.slice(1))], { axis: 0 });
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
    return { name: emission.node('Resize', [x, '', '', size], attributes), shape };
  },
};
