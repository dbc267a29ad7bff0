import { expect, test } from 'vitest';
import { flopsPerImage } from '../../src/diagnostics/flops.js';
import type { UNetConfig } from '../../src/models/unet.js';

const network: UNetConfig = {
  architecture: 'paper-unet',
  imageSize: 8,
  channels: [4, 6],
  classes: 10,
  imageChannels: 1,
  timeEmbedding: 32,
};

/** Multiply-adds of a block by hand: two 3x3 convolutions and the layers of timestep and class. */
const block = (pixels: number, inputs: number, outputs: number): number =>
  pixels * 9 * (inputs + outputs) * outputs + (32 + 10) * outputs;

test('one evaluation is what the layers say, added up by hand', () => {
  const upsampling = 16 * 6 * (4 * 4); // at 4x4 pixels, four windows of 4 channels of 6
  const output = 64 * 4;
  const multiplyAdds = block(64, 1, 4) + block(16, 4, 6) + upsampling + block(64, 8, 4) + output;
  expect(flopsPerImage(network, 3).forward).toBe(2 * multiplyAdds);
});

test('a training step is three evaluations, less the gradients of the inputs, which nobody needs', () => {
  const { forward, training } = flopsPerImage(network, 3);
  // Of the first convolution and of the layers that see timestep and class.
  const inputs = 64 * 9 * 1 * 4 + (32 + 10) * (4 + 6 + 4);
  expect(training).toBe(3 * forward - 2 * inputs);
});
