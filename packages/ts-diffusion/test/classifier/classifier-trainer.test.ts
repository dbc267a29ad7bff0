import { beforeAll, describe, expect, it } from 'vitest';
import { createDataset, type Dataset } from '../../src/data/dataset.js';
import { loadEmbeddedDigits } from '../../src/node/data/embedded.js';
import { classify } from '../../src/classifier/classification.js';
import { Classifier } from '../../src/classifier/classifier.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { classifierRecipes } from '../../src/classifier/classifier-recipes.js';
import {
  trainClassifier,
  type ClassifierRun,
  type ClassifierTrainingEvent,
} from '../../src/classifier/classifier-trainer.js';

const PER_CLASS = 20;

let runtime: Runtime;
let digits: Dataset;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
  digits = await fewDigits();
});

/** The first 20 embedded digits of each class. */
async function fewDigits(): Promise<Dataset> {
  const { images, labels } = await loadEmbeddedDigits();
  const chosen = Array.from({ length: 10 * PER_CLASS }, (_, i) => labels.indexOf(i % 10) + Math.floor(i / 10));
  const pixels = 28 * 28;
  const data = Buffer.concat(chosen.map((index) => images.subarray(index * pixels, (index + 1) * pixels)));
  return createDataset(
    { shape: [chosen.length, 28, 28], data },
    { shape: [chosen.length], data: Uint8Array.from(chosen, (index) => labels[index] as number) },
    'a few digits',
  );
}

async function train(
  recipe: keyof typeof classifierRecipes,
  epochs: number,
  options: Partial<ClassifierRun> = {},
): Promise<{ events: ClassifierTrainingEvent[]; losses: number[]; weights: Float32Array | undefined }> {
  const { network, training } = classifierRecipes[recipe];
  const short = { ...training, epochs, batchSize: 20, warmupSteps: 5, emaDecay: 0.8 };
  const events: ClassifierTrainingEvent[] = [];
  for await (const event of trainClassifier({
    network,
    training: short,
    dataset: digits,
    runtime,
    seed: 4,
    ...options,
  })) {
    events.push(event);
  }
  return {
    events,
    losses: events.flatMap((event) => (event.type === 'step' ? [event.loss] : [])),
    weights: events.flatMap((event) => (event.type === 'epoch' ? [event.weights] : [])).at(-1),
  };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each([
  ['paper', 83_466],
  ['features', 107_962],
] as const)('training the classifier: %s', (recipe, parameters) => {
  it('learns a few digits, each step and each epoch in order', async () => {
    const { network } = classifierRecipes[recipe];
    const { events, losses, weights } = await train(recipe, 4);
    expect(events.map(({ type }) => type)).toEqual([
      'started',
      ...Array.from({ length: 4 }, () => [...Array.from({ length: 10 }, () => 'step'), 'epoch']).flat(),
    ]);
    expect(events[0]).toEqual({ type: 'started', steps: 40, parameters });
    // Untrained, every class is as likely: ln 10.
    expect(losses[0]).toBeCloseTo(Math.log(10), 0);
    expect(average(losses.slice(-10))).toBeLessThan(0.6 * Math.log(10));

    const classifier = new Classifier(runtime, network, weights as Float32Array);
    const { probabilities } = await classifier.classify(digits);
    await classifier.dispose();
    expect(classify(probabilities, digits.labels, 10).accuracy).toBeGreaterThan(0.75);
  });

  it('draws everything from the seed', async () => {
    const [first, again, other] = [await train(recipe, 1), await train(recipe, 1), await train(recipe, 1, { seed: 5 })];
    expect(again.losses).toEqual(first.losses);
    expect(again.weights).toEqual(first.weights);
    expect(other.losses).not.toEqual(first.losses);
  });
});

it.each([{ height: 32 }, { width: 14 }, { classes: 26 }])(
  'refuses images that the network is not for: %o',
  async (change) => {
    const dataset = { ...digits, ...change };
    await expect(train('paper', 1, { dataset })).rejects.toThrow('takes 28x28 pixels in up to 10 classes');
  },
);

it('stops after the step at hand when aborted', async () => {
  const { events } = await train('paper', 1, { signal: AbortSignal.abort() });
  expect(events.map(({ type }) => type)).toEqual(['started']);
});
