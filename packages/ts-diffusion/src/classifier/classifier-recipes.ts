import type { ClassifierNetwork, ClassifierShape } from './classifier-network.js';
import { evaluatorFor, evaluatorNetwork } from './evaluator.js';
import { featureNetwork, featureNetworkFor } from './feature-network.js';
import { secondFeatureNetwork, secondFeatureNetworkFor } from './second-feature-network.js';
import type { ClassifierTraining } from './classifier-trainer.js';
import { options, choice, positiveCount, signature } from '../utils/arguments.js';

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
  second: {
    network: secondFeatureNetwork,
    training: {
      epochs: 8,
      batchSize: 64,
      learningRate: 3e-3,
      warmupSteps: 200,
      emaDecay: 0.998,
      distortion: { shift: 1, rotation: 12, stretch: 0.1, bend: 0.7 },
    },
  },
} as const satisfies Record<string, ClassifierRecipe>;

/** Each image is shown about so often, but for small and for very large sets. */
const PASSES = 8;
/** With fewer steps nothing is learnt, however few the images are. */
const LEAST_STEPS = 500;
/** Images shown at most, where they are of 28x28 pixels: some minutes of one core. */
const MOST_SHOWN = 400_000;
/** Steps of an epoch, at least: a set of a few images would end one after every step. */
const LEAST_EPOCH = 25;
/** Parts that a training has at least, so that it can be judged on the way. */
const LEAST_EPOCHS = 5;
/** The side of the digits, for which the distortions of `classifierRecipes` are. */
const DIGITS = 28;
/** Images of more pixels are folded, and cost no more than these. */
const LARGEST = 64;

const networksBy = { paper: evaluatorFor, features: featureNetworkFor, second: secondFeatureNetworkFor } as const;

const recipeArguments = signature('classifierRecipeFor', {
  name: choice(['paper', 'features', 'second']),
  shape: options({ imageSize: positiveCount, imageChannels: positiveCount.optional(), classes: positiveCount }),
  count: positiveCount,
});

/**
 * How a classifier is made for other images: the paper's for the Inception score, or one of the two whose features distances are over.
 * The number of steps goes by the number of images and their size, distortions by their size.
 *
 * @param count images to train on
 */
export function classifierRecipeFor(
  name: keyof typeof classifierRecipes,
  shape: ClassifierShape,
  count: number,
): ClassifierRecipe {
  recipeArguments({ name, shape, count });
  const { training } = classifierRecipes[name];
  const { batchSize, distortion } = training;
  const scale = shape.imageSize / DIGITS;
  const cost = Math.max(1, (Math.min(shape.imageSize, LARGEST) / DIGITS) ** 2);
  const affordable = Math.max(LEAST_STEPS, Math.floor(MOST_SHOWN / cost / batchSize));
  const steps = Math.min(Math.max(LEAST_STEPS, Math.ceil((PASSES * count) / batchSize)), affordable);
  const onePass = Math.ceil(count / batchSize);
  const stepsPerEpoch = Math.min(Math.max(onePass, LEAST_EPOCH), Math.ceil(steps / LEAST_EPOCHS));
  return {
    network: networksBy[name](shape),
    training: {
      ...training,
      epochs: Math.round(steps / stepsPerEpoch),
      stepsPerEpoch,
      warmupSteps: Math.min(training.warmupSteps, Math.ceil(steps / 10)),
      emaDecay: steps < 2000 ? 0.99 : training.emaDecay,
      distortion: {
        ...distortion,
        shift: distortion.shift * scale,
        bend: distortion.bend * scale,
        beyond: 'nearest',
      },
    },
  };
}
