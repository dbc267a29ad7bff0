import { Option, type Command } from 'commander';
import { integer } from '../options/arguments.js';
import { TEST_DATA_HELP } from '../options/data-help.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';

const examples = `
The paper's classifier gives the Inception score. The features of the stronger one give Fréchet distance, KID, precision and
recall. The package contains both, trained. This command trains them again on all training digits and prints the accuracy
on the test digits. It keeps the weights of the last epoch; it does not select by accuracy.

Examples:
  $ diffusion train-evaluator
  $ diffusion train-evaluator --network features --seed 1 --out output/features.safetensors`;

interface TrainEvaluatorFlags extends DeviceFlags {
  readonly network: 'paper' | 'features';
  readonly out?: string;
  readonly epochs?: number;
  readonly seed: number;
  readonly data?: string;
  readonly offline?: boolean;
}

/** Adds the options and action of `diffusion train-evaluator`. */
export function configureTrainEvaluator(command: Command): void {
  command
    .addOption(
      new Option('--network <name>', "the paper's classifier, or the feature network of the distances")
        .choices(['paper', 'features'])
        .default('paper'),
    )
    .option('-o, --out <file>', 'weights file to write, with a receipt beside it (default: output/NETWORK.safetensors)')
    .option('--epochs <n>', 'training epochs (default: as for the weights in the package)', integer(1, 10_000))
    .option('--seed <n>', 'seed of initial weights, data order and distortions', integer(0), 0)
    .option('--data <folder>', TEST_DATA_HELP)
    .option('--offline', 'do not download data');
  addDeviceOptions(command).addHelpText('after', examples).action(trainEvaluator);
}

async function trainEvaluator(flags: TrainEvaluatorFlags): Promise<void> {
  const { runClassifierTraining } = await import('../training/run-classifier-training.js');
  const { classifierRecipes } = await import('ts-diffusion/evaluation');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');
  const { checkOutputFile, createNodeRuntime, receiptPath } = await import('ts-diffusion/node');
  const { say } = await import('../output/say.js');
  const { loadDataset } = await import('ts-diffusion/data');

  const { network, training } = classifierRecipes[flags.network];
  const out = flags.out ?? `output/${network.name}.safetensors`;
  checkOutputFile(out, { what: 'a classifier', extensions: ['.safetensors'] });
  checkOutputFile(receiptPath(out), { what: 'the receipt' });
  const source = { offline: flags.offline, directory: flags.data, onMessage: say };
  // Before anything else, for without test digits there is nothing to say about the result.
  const test = await loadDataset({ ...source, split: 'test' });
  const train = await loadDataset({ ...source, split: 'train' });
  const finished = await runClassifierTraining({
    network,
    training: { ...training, epochs: flags.epochs ?? training.epochs },
    dataset: train,
    test,
    runtime: await createNodeRuntime(flags),
    seed: flags.seed,
    signal: stopOnSignal('Stopping after this step; nothing is written.'),
    out,
  });
  if (!finished) process.exitCode = STOPPED;
}
