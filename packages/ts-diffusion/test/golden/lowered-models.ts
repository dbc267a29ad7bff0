import { readFileSync } from 'node:fs';
import type { Target } from '../../src/graph/index.js';
import { buildClassifier, classifierParameters } from '../../src/classifier/classifier-network.js';
import { denoiserParameters, type DenoiserConfig } from '../../src/models/denoiser-network.js';
import { buildDenoiser, exportDenoiser } from '../../src/models/denoiser-program.js';
import { featureNetwork } from '../../src/classifier/feature-network.js';
import type { ModernUNetConfig } from '../../src/models/modern-unet.js';
import { paperUNet } from '../../src/models/unet.js';
import type { ParameterLayout } from '../../src/nn/parameters.js';
import { classifierObjective } from '../../src/classifier/classifier-objective.js';
import { buildOptimizerStep, type Objective } from '../../src/training/optimizer-step.js';
import { adamDefaults } from '../../src/training/optimizer.js';
import { denoisingObjective } from '../../src/training/denoising-objective.js';
import { deterministicParameters } from './deterministic-weights.js';

const paper: DenoiserConfig = { ...paperUNet, imageSize: 8, channels: [4, 8] };
const modern: ModernUNetConfig = {
  architecture: 'modern-unet',
  imageSize: 8,
  channels: [8, 16],
  blocks: [1, 2],
  attention: 'bottleneck',
  classes: 10,
  imageChannels: 1,
  patchSize: 2,
  timeEmbedding: 8,
};
const adam = { ...adamDefaults, weightDecay: 0.01, gradientClip: 1 };

const weightsOf = (layout: ParameterLayout): Float32Array =>
  layout.fromNamedTensors(deterministicParameters(layout.specs));

/** One of each kind of model that the program writes, in small, by name. */
export function lowerModels(target: Target): Record<string, Uint8Array> {
  const step = (objective: Objective): Uint8Array => buildOptimizerStep(objective, { name: 'step', adam, target });
  const denoiser = (model: DenoiserConfig): Uint8Array =>
    buildDenoiser(model, weightsOf(denoiserParameters(model)), 2, target).model;
  return {
    'training of the paper U-Net': step(denoisingObjective({ model: paper, batchSize: 4, loss: 'l1' })),
    'training of the modern U-Net': step(
      denoisingObjective({ model: modern, batchSize: 4, loss: 'huber', weighted: true, hasDropout: true }),
    ),
    'training of the feature network': step(classifierObjective(featureNetwork, 4)),
    'paper U-Net': denoiser(paper),
    'modern U-Net': denoiser(modern),
    'exported modern U-Net': exportDenoiser(modern, weightsOf(denoiserParameters(modern)), { prediction: 'x0' }),
    'feature network': buildClassifier(featureNetwork, weightsOf(classifierParameters(featureNetwork)), 2, target)
      .model,
  };
}

interface GoldenHashes {
  readonly origin: { readonly program: string };
  /** SHA-256 in hexadecimal of each model of `lowerModels`, without the version of its producer. */
  readonly sha256: Readonly<Record<Target, Readonly<Record<string, string>>>>;
}

export function readLoweredModelsGolden(): GoldenHashes {
  return JSON.parse(readFileSync(new URL('lowered-models.json', import.meta.url), 'utf8')) as GoldenHashes;
}
