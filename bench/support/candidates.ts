import { resolveTrainConfig } from '../../packages/ts-diffusion/src/training/resolve-config.js';
import type { TrainConfig } from '../../packages/ts-diffusion/src/training/config.js';

const network = { model: 'modern-unet', blocks: [1, 2] } as const;

/** The networks among which the preset `modern` was chosen (docs/results/quality.md), as differences from its recipe. */
const candidates = {
  "the paper's U-Net": { model: 'paper-unet', channels: [64, 128, 256], patchSize: 1 },
  'quick: paper-unet 64,128 on 2×2 patches': { model: 'paper-unet', channels: [64, 128], patchSize: 2 },
  'modern 32,64,128 on pixels': { ...network, channels: [32, 64, 128], blocks: [1, 1, 2], patchSize: 1 },
  'modern 48,96 on 2×2 patches': { ...network, channels: [48, 96], patchSize: 2 },
  'modern 64,128 on 2×2 patches (preset modern)': { ...network, channels: [64, 128], patchSize: 2 },
  'modern 96,192 on 2×2 patches': { ...network, channels: [96, 192], patchSize: 2 },
} as const;

export type CandidateName = keyof typeof candidates;
export const candidateNames = Object.keys(candidates) as CandidateName[];

/** Configuration of a candidate: the recipe of the preset `modern` with its network. */
export function candidateConfig(name: CandidateName, changes: Partial<TrainConfig> = {}): TrainConfig {
  return resolveTrainConfig('modern', candidates[name], changes);
}
