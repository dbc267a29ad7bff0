import type { ClassifierNetwork } from './classifier-network.js';
import { evaluatorNetwork } from './evaluator.js';
import { featureNetwork } from './feature-network.js';
import type { ClassifierTraining } from './classifier-trainer.js';

/** A classifier with how it is trained. */
export interface ClassifierRecipe {
  readonly network: ClassifierNetwork;
  readonly training: ClassifierTraining;
}

/** How the shipped classifiers were trained. */
export const classifierRecipes = {
  paper: {
    network: evaluatorNetwork,
    training: {
      epochs: 6,
      batchSize: 64,
      learningRate: 2e-3,
      warmupSteps: 200,
      emaDecay: 0.998,
      distortion: { shift: 1, rotation: 5, stretch: 0.05, bend: 0.5 },
    },
  },
  features: {
    network: featureNetwork,
    training: {
      epochs: 10,
      batchSize: 64,
      learningRate: 4e-3,
      warmupSteps: 200,
      emaDecay: 0.998,
      distortion: { shift: 2, rotation: 10, stretch: 0.12, bend: 1 },
    },
  },
} as const satisfies Record<string, ClassifierRecipe>;
