import { Option, type Command } from 'commander';
import type { Dataset } from 'ts-diffusion/data';
import type { ClassifierRecipe } from 'ts-diffusion/evaluation';
import { integer } from '../options/arguments.js';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';
import { say } from '../output/say.js';

const examples = `
The paper's classifier gives the Inception score. The features of a stronger one give Fréchet distance, KID, precision and
recall, those of a second one a further distance. The package contains the three, trained on MNIST's digits. This command trains them for any data set that diffusion train
takes, and diffusion evaluate finds them: they are kept in the cache folder under the hash of the training images. A network that is there
already, of the same seed and epochs, is not trained again. Without classes
they learn to tell by how many quarter turns an image was turned (Gidaris et al. 2018). The accuracy printed is that on the test
split, or, where there is none, on a tenth of the images that is held out. The weights are those of the last epoch; they are not
selected by accuracy.

Examples:
  $ diffusion train-evaluator --data my-pictures/                    the networks, for diffusion evaluate
  $ diffusion train-evaluator --network features --seed 1 --out output/features.safetensors   one network of the digits`;

type NetworkName = 'paper' | 'features' | 'second';

interface TrainEvaluatorFlags extends DeviceFlags {
  readonly network?: NetworkName | 'all';
  readonly out?: string;
  readonly epochs?: number;
  readonly seed: number;
}

/** Adds the options and action of `diffusion train-evaluator`. */
export function configureTrainEvaluator(command: Command): void {
  command
    .addOption(
      new Option(
        '--network <name>',
        "the paper's classifier, the feature network of the distances, the second one, or all, into the cache (default: all; with --out: paper)",
      ).choices(['paper', 'features', 'second', 'all']),
    )
    .option(
      '-o, --out <file>',
      'with one network: weights file to write, with a receipt beside it (default: output/NETWORK.safetensors)',
    )
    .option('--epochs <n>', 'training epochs (default: by the number of images)', integer(1, 10_000))
    .option('--seed <n>', 'seed of initial weights, data order and distortions', integer(0), 0);
  addConfigOptions(command, dataSchema);
  addDeviceOptions(command).addHelpText('after', examples).action(trainEvaluator);
}

async function trainEvaluator(flags: TrainEvaluatorFlags & Record<string, unknown>): Promise<void> {
  const { runClassifierTraining } = await import('../training/run-classifier-training.js');
  const { classifierRecipes } = await import('ts-diffusion/evaluation');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');
  const { checkOutputFile, createNodeRuntime, networkFiles, receiptPath } = await import('ts-diffusion/node');
  const { ConfigError } = await import('ts-diffusion/errors');
  const { parseConfig } = await import('ts-diffusion/train');
  const { loadSplits } = await import('../input/splits.js');
  const { withPictureProgress } = await import('../output/picture-progress.js');

  const { out } = flags;
  const wanted = flags.network ?? (out === undefined ? 'all' : 'paper');
  if (wanted === 'all' && out !== undefined) throw new ConfigError('--out is the file of one network; add --network');
  const checked = (path: string): string => {
    checkOutputFile(path, { what: 'a classifier', extensions: ['.safetensors'] });
    checkOutputFile(receiptPath(path), { what: 'the receipt' });
    return path;
  };
  const single =
    wanted === 'all' ? undefined : checked(out ?? `output/${classifierRecipes[wanted].network.name}.safetensors`);

  const { data, offline, ...pictures } = parseConfig(dataSchema, givenConfig(dataSchema, flags), 'options');
  const { train, test } = await withPictureProgress((reports) =>
    loadSplits({ ...reports, directory: data, offline, pictures }),
  );
  const kept = networkFiles(train.sha256, process.env);
  const jobs: readonly (readonly [NetworkName, string])[] =
    wanted === 'all'
      ? [
          ['paper', checked(kept.evaluator)],
          ['features', checked(kept.featureNetwork)],
          ['second', checked(kept.secondFeatureNetwork)],
        ]
      : [[wanted, single as string]];
  const runtime = await createNodeRuntime(flags);
  const signal = stopOnSignal(
    wanted === 'all'
      ? 'Stopping after this step; a network that is not finished is not written.'
      : 'Stopping after this step; nothing is written.',
  );
  for (const [name, path] of jobs) {
    const { network, training } = await recipeFor(name, train);
    const epochs = flags.epochs ?? training.epochs;
    if (wanted === 'all' && (await isTrained(path, flags.seed, epochs))) {
      say(`Kept ${path}, which is trained already.`);
      continue;
    }
    const finished = await runClassifierTraining({
      network,
      training: { ...training, epochs },
      dataset: train,
      test,
      runtime,
      seed: flags.seed,
      signal,
      out: path,
    });
    if (!finished) {
      process.exitCode = STOPPED;
      return;
    }
  }
}

/** Whether the file and the receipt beside it are of such a training: of the same images, since they share the folder. */
async function isTrained(path: string, seed: number, epochs: number): Promise<boolean> {
  const { existsSync } = await import('node:fs');
  const { readClassifierReceipt, receiptPath } = await import('ts-diffusion/node');
  if (!existsSync(path) || !existsSync(receiptPath(path))) return false;
  const receipt = readClassifierReceipt(receiptPath(path));
  return receipt.seed === seed && receipt.training.epochs === epochs;
}

/** For images like the digits, how the networks in the package were trained. */
async function recipeFor(name: NetworkName, train: Dataset): Promise<ClassifierRecipe> {
  const { classifierRecipeFor, classifierRecipes } = await import('ts-diffusion/evaluation');
  const { seenClasses } = await import('ts-diffusion/data');
  const { height, width, channels = 1, classes, count } = train;
  const { network } = classifierRecipes[name];
  if (channels === 2 || channels === 4) {
    const { DataError } = await import('ts-diffusion/errors');
    throw new DataError(
      `${train.source}: images of ${channels} channels; networks for scores take gray or RGB images, without transparency.`,
    );
  }
  const hasClasses = seenClasses(train).length > 1;
  const isLikeDigits = channels === 1 && height === network.imageSize && width === height && classes <= network.classes;
  if (hasClasses && isLikeDigits) return classifierRecipes[name];
  const task = hasClasses ? ({ task: 'classes', classes } as const) : ({ task: 'turns', classes: 4 } as const);
  return classifierRecipeFor(name, { imageSize: height, imageChannels: channels, ...task }, count);
}
