import type { Dataset } from 'ts-diffusion/data';
import {
  Classifier,
  type ClassifierRun,
  classify,
  describeMachine,
  encodeClassifier,
  quarterTurns,
  trainClassifier,
  VALUE_RANGE,
} from 'ts-diffusion/evaluation';
import { receiptPath, sha256Hex, writeClassifierReceipt, writeFileAtomic } from 'ts-diffusion/node';
import { formatDuration, ProgressBar } from '../output/progress.js';
import { typedCommand } from '../options/evaluation-options.js';
import { gitCommit } from '../git-commit.js';
import { say } from '../output/say.js';
import { smooth } from '../output/smooth.js';
import { packageVersion } from '../version.js';

interface ClassifierTrainingJob extends ClassifierRun {
  readonly test: Dataset;
  /** The file the weights are written to; the receipt goes beside it. */
  readonly out: string;
}

/**
 * Trains a classifier, showing the progress on the terminal, and writes its weights and their receipt.
 *
 * @returns false when the signal was aborted and nothing was written
 */
export async function runClassifierTraining(job: ClassifierTrainingJob): Promise<boolean> {
  const { network, training, dataset, test, runtime, seed, out } = job;
  const begin = performance.now();
  say(`data           ${dataset.count} training images, ${test.count} test images: ${dataset.source}`);
  say(`device         ${runtime.device}, ${runtime.threads} threads, ${runtime.version}`);
  const progress = new ProgressBar();
  let steps = 0;
  let shown: { loss: number; milliseconds: number } | undefined;
  let result: { weights: Float32Array; errors: number } | undefined;
  try {
    for await (const event of trainClassifier(job)) {
      switch (event.type) {
        case 'started':
          ({ steps } = event);
          say(`network        ${network.name}, ${event.parameters.toLocaleString('en')} parameters in training`);
          break;
        case 'step': {
          shown = {
            loss: smooth(shown?.loss, event.loss),
            milliseconds: smooth(shown?.milliseconds, event.milliseconds),
          };
          const rate = (1000 * training.batchSize) / shown.milliseconds;
          progress.update(event.step, steps, `loss ${shown.loss.toFixed(4)}  ${rate.toFixed(0)} images/s`);
          break;
        }
        case 'epoch': {
          result = { weights: event.weights, errors: await countErrors(job, event.weights) };
          const elapsed = formatDuration(performance.now() - begin);
          progress.log(
            `epoch ${event.epoch} of ${training.epochs}: ${describe(result.errors, test.count)}, ${elapsed}`,
          );
          break;
        }
      }
    }
  } finally {
    progress.stop();
  }
  if (result === undefined || job.signal?.aborted === true) return false;

  const file = encodeClassifier(network, result.weights, dataset.sha256);
  writeFileAtomic(out, file);
  writeClassifierReceipt(receiptPath(out), {
    network: network.name,
    weights: { sha256: sha256Hex(file), bytes: file.length, parameters: result.weights.length },
    valueRange: VALUE_RANGE,
    accuracy: 1 - result.errors / test.count,
    errors: result.errors,
    data: {
      train: { count: dataset.count, sha256: dataset.sha256 },
      test: { count: test.count, sha256: test.sha256 },
    },
    command: typedCommand(),
    seed,
    steps,
    training: { ...training, stepsPerEpoch: steps / training.epochs, distortion: { ...training.distortion } },
    program: packageVersion(),
    commit: gitCommit(),
    machine: describeMachine(runtime),
    createdAt: new Date().toISOString(),
    seconds: Math.round((performance.now() - begin) / 1000),
  });
  say(`Wrote ${out} and ${receiptPath(out)}: ${describe(result.errors, test.count)}.`);
  return true;
}

async function countErrors({ runtime, network, test }: ClassifierTrainingJob, weights: Float32Array): Promise<number> {
  const classifier = new Classifier(runtime, network, weights);
  try {
    const { images, labels } = network.task === 'turns' ? quarterTurns(test) : test;
    const { probabilities } = await classifier.classify({ ...test, images });
    const { accuracy, count } = classify(probabilities, labels, network.classes);
    return Math.round((1 - accuracy) * count);
  } finally {
    await classifier.dispose();
  }
}

const describe = (errors: number, count: number): string =>
  `${(100 * (1 - errors / count)).toFixed(2)} % accuracy on the held-out images, ${errors} errors`;
