import { Option, type Command } from 'commander';
import { integer } from '../options/arguments.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';

const examples = `
The paper's classifier gives the Inception score; the features of the stronger one give Fréchet distance, KID, precision and
recall. Both are part of the package, trained; this command trains them again, on all training digits, and counts what it
gets right of the test digits. The weights are those after the last epoch: none is picked by its accuracy.

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
      new Option('--network <name>', "the paper's classifier, or the one whose features are compared")
        .choices(['paper', 'features'])
        .default('paper'),
    )
    .option(
      '-o, --out <file>',
      'where the weights go; a receipt goes beside them (default: output/NETWORK.safetensors)',
    )
    .option(
      '--epochs <n>',
      'how often every training digit is seen (default: as the shipped weights)',
      integer(1, 10_000),
    )
    .option('--seed <n>', 'seed of weights, order and distortions', integer(0), 0)
    .option('--data <folder>', 'folder with the IDX files; without it: the usual places')
    .option('--offline', 'never download data');
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
