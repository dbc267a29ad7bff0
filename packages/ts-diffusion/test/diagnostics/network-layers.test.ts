import { expect, test } from 'vitest';
import { networkLayers } from '../../src/diagnostics/network-layers.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import type { ModernUNetConfig } from '../../src/models/modern-unet.js';
import { paperUNet } from '../../src/models/unet.js';

test("the layers of the paper's U-Net are those of its section 3.2.1", () => {
  const layers = networkLayers(paperUNet);
  const block = ['convolution 3', 'convolution 3'];
  expect(layers.map(({ kind, kernel = '' }) => `${kind} ${kernel}`.trim())).toEqual([
    'input',
    ...[...block, 'pooling', ...block, 'pooling', ...block],
    // A transposed convolution of 2×2 with stride 2, as a 1×1 convolution to four times the channels, which become pixels.
    ...['convolution 1', 'upsampling', 'concatenation', ...block],
    ...['convolution 1', 'upsampling', 'concatenation', ...block],
    'convolution 1',
  ]);
  expect([...new Set(layers.map(({ height, width }) => `${height}x${width}`))]).toEqual(['28x28', '14x14', '7x7']);
  const concatenations = layers.filter(({ kind }) => kind === 'concatenation');
  expect(concatenations.map(({ from: [skip = 0] }) => layers[skip]?.name)).toEqual(['down2.conv2', 'down1.conv2']);
  const conditioned = layers.filter(({ conditions }) => conditions.length > 0);
  expect(conditioned.map(({ name, conditions }) => `${name} ${conditions.join()}`)).toEqual(
    ['down1', 'down2', 'bottleneck', 'up1', 'up2'].map((name) => `${name}.conv2 t,label`),
  );
});

test('every filter of a network is that of one layer', () => {
  const model: ModernUNetConfig = {
    ...{ architecture: 'modern-unet', imageSize: 28, imageChannels: 1, classes: 10 },
    ...{ channels: [16, 32], blocks: [1, 2], patchSize: 2, timeEmbedding: 64, attention: 'bottleneck' },
  };
  const filters = denoiserParameters(model).specs.filter(({ shape }) => shape.length === 4);
  const names = networkLayers(model).flatMap(({ name }) => (name === '' ? [] : [name]));
  expect(names.sort()).toEqual(filters.map(({ name }) => name.replace(/\.weight$/, '')).sort());
});
