import { Option, type Command } from 'commander';
import type { Dataset } from 'ts-diffusion/data';
import type { ClassifierRecipe } from 'ts-diffusion/evaluation';
import { integer } from '../options/arguments.js';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';

const examples = `
The paper's classifier gives the Inception score. The features of the stronger one give Fréchet distance, KID, precision and
recall. The package contains both, trained on MNIST's digits. This command trains them for any data set that diffusion train
takes, and diffusion evaluate finds them: they are kept in the cache folder under the hash of the training images. Without classes
they learn to tell by how many quarter turns an image was turned (Gidaris et al. 2018). The accuracy printed is that on the test
split, or, where there is none, on a tenth of the images that is held out. The weights are those of the last epoch; they are not
selected by accuracy.

Examples:
  $ diffusion train-evaluator --data my-pictures/                    both networks, for diffusion evaluate
  $ diffusion train-evaluator --network features --seed 1 --out output/features.safetensors   one network of the digits`;

type NetworkName = 'paper' | 'features';

interface TrainEvaluatorFlags extends DeviceFlags {
  readonly network?: NetworkName | 'both';
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
        "the paper's classifier, the feature network of the distances, or both, into the cache (default: both; with --out: paper)",
      ).choices(['paper', 'features', 'both']),
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
  const wanted = flags.network ?? (out === undefined ? 'both' : 'paper');
  if (wanted === 'both' && out !== undefined) throw new ConfigError('--out is the file of one network; add --network');
  const checked = (path: string): string => {
    checkOutputFile(path, { what: 'a classifier', extensions: ['.safetensors'] });
    checkOutputFile(receiptPath(path), { what: 'the receipt' });
    return path;
  };
  const single =
    wanted === 'both' ? undefined : checked(out ?? `output/${classifierRecipes[wanted].network.name}.safetensors`);

  const { data, offline, ...pictures } = parseConfig(dataSchema, givenConfig(dataSchema, flags), 'options');
  const { train, test } = await withPictureProgress((reports) =>
    loadSplits({ ...reports, directory: data, offline, pictures }),
  );
  const kept = networkFiles(train.sha256, process.env);
  const jobs: readonly (readonly [NetworkName, string])[] =
    wanted === 'both'
      ? [
          ['paper', checked(kept.evaluator)],
          ['features', checked(kept.featureNetwork)],
        ]
      : [[wanted, single as string]];
  const runtime = await createNodeRuntime(flags);
  const signal = stopOnSignal(
    wanted === 'both'
      ? 'Stopping after this step; a network that is not finished is not written.'
      : 'Stopping after this step; nothing is written.',
  );
  for (const [name, path] of jobs) {
    const { network, training } = await recipeFor(name, train);
    const finished = await runClassifierTraining({
      network,
      training: { ...training, epochs: flags.epochs ?? training.epochs },
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
