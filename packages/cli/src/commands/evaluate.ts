import { Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DiffusionPipeline, planSampling, type Runtime } from 'ts-diffusion';
import { CheckpointError, EvaluationError } from 'ts-diffusion/errors';
import type { Evaluation, EvaluationOptions, Generation, ReceiptContents, ScoredImages } from 'ts-diffusion/evaluation';
import { checkDigits, checkLikeDigits } from '../input/check-digits.js';
import type { TrainConfig } from 'ts-diffusion/train';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { flagArguments } from '../options/schema-flags.js';
import { integer } from '../options/arguments.js';
import { formatScore } from './compare.js';
import { addNetworkOptions, loadNetworks, typedCommand, type NetworkFlags } from '../options/evaluation-options.js';
import {
  addCheckpointOptions,
  addDeviceOptions,
  checkpointPath,
  describeCheckpoint,
  withPipeline,
  type CheckpointFlags,
  type DeviceFlags,
} from '../options/pipeline-options.js';
import { addCountOptions, type CountFlags } from '../options/image-count.js';
import { ProgressBar } from '../output/progress.js';
import { runWithProgress } from '../output/sample-progress.js';
import {
  addSamplingOptions,
  describeSampling,
  samplingOf,
  shippedModelsHelp,
  type SamplingFlags,
} from '../options/sampling-options.js';
import { say } from '../output/say.js';
import { packageVersion } from '../version.js';

const DEFAULT_COUNT = 10_000;
/** With fewer images judges learn little, and what they say has a large error. */
const JUDGED_BY_DEFAULT = 1000;
const DEFAULT_RECEIPT = 'output/receipt.json';

const examples = `
Examples:
  $ diffusion evaluate --run runs/paper --sampler dpm-solver++ --steps 25   10,000 samples against the test digits
  $ diffusion evaluate --run runs/paper -n 1000 --omega 0.5                 fewer samples: faster, larger error
  $ diffusion evaluate -n 1000 --steps 10                                   the model in the package
  $ diffusion evaluate --images samples/                                    a folder of image files, or an IDX pair
  $ diffusion evaluate --images samples/ --fid --inception-weights w.pth    also FID, as computed by pytorch-fid
  $ diffusion compare runs/*/receipts/*.json                                receipts side by side

Each distance is printed with its floor: the score of as many real training images against the same reference.
A Fréchet distance over the features of a digit classifier is not FID. Compare it only with distances over the same features.`;

interface EvaluateFlags extends CheckpointFlags, DeviceFlags, SamplingFlags, NetworkFlags, CountFlags {
  readonly images?: string;
  readonly save?: string;
  readonly reference?: string;
  readonly training?: string;
  readonly data?: string;
  readonly splits?: number;
  readonly neighbours: number;
  readonly bootstrap: number;
  readonly nearCopies: number;
  readonly judges?: number;
  readonly thorough: boolean;
  readonly pictures?: string;
  readonly bitsPerDim?: true | number;
  readonly receipt?: string;
}

/** Adds the options and action of `diffusion evaluate`. */
export function configureEvaluate(command: Command): void {
  addCheckpointOptions(command).addOption(
    new Option(
      '-i, --images <path>',
      'score these images instead of a model: a folder of PNG, JPEG or WebP files, or an IDX pair (folder or file)',
    ).conflicts(['model', 'run', 'checkpoint', 'bitsPerDim', 'save', 'count', 'perClass']),
  );
  addCountOptions(command, `${DEFAULT_COUNT}`)
    .option('--save <folder>', 'also write the samples as an IDX pair')
    .option(
      '--reference <path>',
      'reference images; default: the test split of --data, of what the run was trained on, or of MNIST',
    )
    .option('--training <path>', 'with --reference: other real images, for the floors')
    .option(
      '--pictures <folder>',
      'also write pictures: samples that a judge finds most and least suspicious, grey levels, stroke widths',
    )
    .option('--receipt <file>', `receipt to write; default: a file in RUN/receipts, or ${DEFAULT_RECEIPT}`);
  addConfigOptions(command, dataSchema, { data: undefined });
  addSamplingOptions(command, { drawsAsShipped: true })
    .optionsGroup('Metrics:')
    .option('--splits <n>', 'splits of the Inception score; default: 10 for at least 5000 images, else 1', integer(1))
    .option('--neighbours <k>', 'nearest neighbours k for precision, recall, density and coverage', integer(1), 5)
    .option('--bootstrap <n>', 'bootstrap resamples for the error bar of the Fréchet distance', integer(2), 50)
    .option('--near-copies <n>', 'number of samples to compare with every training image; 0: none', integer(0), 1000)
    .option(
      '--judges <n>',
      `fresh networks that learn to tell samples from real images, for each of four views of them; 0: none; default: 3 for at least ${JUDGED_BY_DEFAULT} images`,
      integer(0, 100),
    )
    .option('--no-thorough', 'leave out distances over further kinds of features, and histograms')
    .option(
      '--bits-per-dim [images]',
      'also bits per dimension of the model, on this many reference images (default: 200)',
      integer(2),
    );
  addNetworkOptions(command).optionsGroup('Options:');
  addDeviceOptions(command)
    .addHelpText('after', () => examples + shippedModelsHelp())
    .action(evaluate);
}

async function evaluate(flags: EvaluateFlags): Promise<void> {
  const begin = performance.now();
  await checkOutputs(flags);
  if (flags.images !== undefined) {
    const { readScoredImages, createNodeRuntime } = await import('ts-diffusion/node');
    const { device, threads } = flags;
    const images = await readScoredImages(flags.images, 'test', say);
    const runtime = await createNodeRuntime({ device, threads });
    await score(runtime, () => Promise.resolve({ images, generation: null }), flags, begin);
    return;
  }
  await withPipeline(flags, (pipeline) => score(pipeline.runtime, () => draw(pipeline, flags), flags, begin, pipeline));
}

interface Drawn {
  readonly images: ScoredImages;
  readonly generation: Generation | null;
}

/** Everything that may fail is loaded before the first image is drawn. */
async function score(
  runtime: Runtime,
  draw: () => Promise<Drawn>,
  flags: EvaluateFlags,
  begin: number,
  pipeline?: DiffusionPipeline,
): Promise<void> {
  const { ImageScorer, describeMachine } = await import('ts-diffusion/evaluation');
  const { writeReceipt } = await import('ts-diffusion/node');
  const real = await loadRealImages(flags);
  const { reference, training, trainedOn, networkCommand } = real;
  const otherData = pipeline === undefined ? [] : await compareData(pipeline, real, flags);
  const { networks, inception, cache } = await loadNetworks(flags, runtime, trainedOn);
  const ofPackage =
    flags.evaluator === undefined && flags.featureNetwork === undefined && networks.trainedOn === undefined;
  if (ofPackage) checkLikeDigits(networks, reference, networkCommand);
  const scorer = new ImageScorer(networks, reference, training, cache);
  if (ofPackage) await checkDigits(scorer, networkCommand);
  const judgesOf = (count: number): number => {
    const fewest = Math.min(count, scorer.reference.count, training?.count ?? Infinity);
    return flags.judges ?? (fewest < JUDGED_BY_DEFAULT ? 0 : 3);
  };
  if (pipeline) {
    scorer.checkSize('this model draws', pipeline.model.imageSize);
    scorer.checkLabels('this model draws', pipeline.seenClasses);
    const count = labelsToDraw(pipeline, flags).length;
    scorer.checkSettings(count, { ...flags, judges: judgesOf(count) });
  }

  const { images, generation } = await draw();
  const progress = new ProgressBar();
  let shown = '';
  const options: EvaluationOptions = {
    splits: flags.splits,
    neighbours: flags.neighbours,
    bootstrap: flags.bootstrap,
    nearCopies: flags.nearCopies,
    judges: judgesOf(images.count),
    thorough: flags.thorough,
    seed: flags.seed ?? 0,
    inception,
    likelihood:
      pipeline && flags.bitsPerDim !== undefined
        ? { pipeline, images: flags.bitsPerDim === true ? 200 : flags.bitsPerDim }
        : undefined,
    onProgress: (metric, share) => {
      const percent = Math.round(100 * share);
      if (shown !== (shown = `${metric} ${percent}`)) progress.update(percent, 100, metric);
    },
  };
  const evaluation = await scorer.score(images, options).finally(() => {
    progress.stop();
  });
  const warnings = [...otherData, ...evaluation.warnings];
  if (flags.pictures !== undefined) {
    const { writeEvaluationPictures } = await import('../output/evaluation-pictures.js');
    const written = await writeEvaluationPictures(flags.pictures, images, evaluation);
    for (const file of written) console.log(`Wrote ${file}`);
    if (written.length === 0) say('No pictures: there were no judges (--judges) and no histograms (--no-thorough).');
  }
  report(images, reference, { ...evaluation, warnings }, pipeline?.classNames ?? real.classNames);
  const trained = generation === null ? undefined : await trainedHow(flags);

  const path = flags.receipt ?? defaultReceipt(flags, images.count, generation);
  writeReceipt(path, {
    program: `ts-diffusion ${packageVersion()}`,
    createdAt: new Date().toISOString(),
    seconds: (performance.now() - begin) / 1000,
    command: typedCommand(),
    machine: describeMachine(runtime),
    images: {
      source: images.source,
      sha256: images.sha256,
      count: images.count,
      height: images.height,
      width: images.width,
    },
    generation,
    ...(trained && { trained }),
    scores: [...evaluation.scores],
    warnings,
  });
  console.log(`Wrote ${path}`);
}

async function draw(pipeline: DiffusionPipeline, flags: EvaluateFlags): Promise<Drawn> {
  const { generationOf, scoredPlanes } = await import('ts-diffusion/evaluation');
  if (flags.save !== undefined) {
    const { checkFormat } = await import('../output/write-images.js');
    checkFormat('idx', pipeline.model.imageChannels);
  }
  const labels = labelsToDraw(pipeline, flags);
  const sampling = samplingOf(flags);
  const plan = planSampling(pipeline, { ...sampling, labels });
  console.log(`${labels.length} images, ${describeSampling(pipeline, plan.sampling)}`);
  const drawn = await runWithProgress(plan);
  if (flags.save !== undefined) {
    const { writeImages } = await import('../output/write-images.js');
    for (const file of await writeImages(drawn, 'idx', flags.save, { columns: 1, scale: 1 }))
      console.log(`Wrote ${file}`);
  }
  return {
    images: scoredPlanes(drawn.images, drawn, drawn.labels, `${drawn.count} samples of ${describeCheckpoint(flags)}`),
    generation: generationOf(pipeline, sampling),
  };
}

/** The classes that the model has seen, in turn. */
function labelsToDraw({ seenClasses: seen }: DiffusionPipeline, { count, perClass }: CountFlags): number[] {
  const length = count ?? (perClass === undefined ? DEFAULT_COUNT : perClass * seen.length);
  return Array.from({ length }, (_, i) => seen[i % seen.length] as number);
}

interface RealImages {
  readonly reference: ScoredImages;
  readonly training: ScoredImages | null;
  /** `Dataset.sha256` of the training images, where they are those of a data set: what networks for them are kept by. */
  readonly trainedOn?: string;
  /** The same as `diffusion train` reads them, with those that are held out here. */
  readonly whole?: string;
  readonly classNames?: readonly string[] | undefined;
  /** What makes networks for these images. */
  readonly networkCommand: string;
}

async function loadRealImages(flags: EvaluateFlags): Promise<RealImages> {
  const { imagesOfDataset } = await import('ts-diffusion/evaluation');
  const { readScoredImages } = await import('ts-diffusion/node');
  if (flags.reference === undefined) {
    const { parseConfig } = await import('ts-diffusion/train');
    const { loadSplits } = await import('../input/splits.js');
    const { withPictureProgress } = await import('../output/picture-progress.js');
    const config = await configOfRun(flags);
    const given = { ...(config && givenConfig(dataSchema, config)), ...givenConfig(dataSchema, { ...flags }) };
    const { data, offline, ...pictures } = parseConfig(dataSchema, given, 'options');
    const networkCommand = ['diffusion train-evaluator', ...flagArguments(dataSchema, given)].join(' ');
    const { train, test, trainedOn, networksOf } = await withPictureProgress((reports) =>
      loadSplits({ ...reports, directory: data, offline, pictures }, config),
    );
    return {
      reference: imagesOfDataset(test),
      training: imagesOfDataset(train),
      trainedOn: networksOf,
      whole: trainedOn,
      classNames: train.classNames,
      networkCommand,
    };
  }
  return {
    reference: await readScoredImages(flags.reference, 'test', say),
    training: flags.training === undefined ? null : await readScoredImages(flags.training, 'train', say),
    networkCommand: 'diffusion train-evaluator --data FOLDER, then give --data FOLDER here in place of --reference',
  };
}

/** What the checkpoint says of the training; undefined for a model in the package and an exported one. */
async function trainedHow(flags: EvaluateFlags): Promise<ReceiptContents['trained']> {
  if (flags.run === undefined && flags.checkpoint === undefined) return undefined;
  const { loadCheckpoint } = await import('ts-diffusion/node');
  try {
    const { config, data, selection } = loadCheckpoint(checkpointPath(flags));
    return {
      validation: data.validation?.count ?? 0,
      classBalance: config.classBalance,
      ...(selection && { selection }),
    };
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}

/** The configuration of the run, which says what images its model was trained on; undefined where other images are asked for. */
async function configOfRun({ run, data }: EvaluateFlags): Promise<TrainConfig | undefined> {
  if (run === undefined || data !== undefined || !existsSync(join(run, 'config.json'))) return undefined;
  const { readTrainConfigFile } = await import('ts-diffusion/node');
  const { resolveTrainConfig } = await import('ts-diffusion/train');
  return resolveTrainConfig('paper', readTrainConfigFile(join(run, 'config.json')));
}

/**
 * What to warn of where the model was trained on other images than the real ones.
 *
 * @throws EvaluationError where the run says that these are its images
 */
async function compareData(
  { trainedOn }: DiffusionPipeline,
  { training, whole }: RealImages,
  { run, data }: EvaluateFlags,
): Promise<string[]> {
  const { areKnownDigits } = await import('ts-diffusion/data');
  if (trainedOn === undefined || whole === undefined || trainedOn === whole) return [];
  if (areKnownDigits(trainedOn) && areKnownDigits(whole)) return [];
  const source = training?.source ?? '';
  if (run !== undefined && data === undefined) {
    throw new EvaluationError(
      `${run} was trained on images with the SHA-256 ${trainedOn.slice(0, 12)}, and ${source} now holds others (${whole.slice(0, 12)}). ` +
        'Put the former back, or give --data to score against other images.',
    );
  }
  return [`The model was trained on other images than ${source}: near-copies of those that it has seen are not found.`];
}

function report(
  images: ScoredImages,
  reference: ScoredImages,
  evaluation: Evaluation,
  classNames: readonly string[] | undefined,
): void {
  console.log(`${images.count} images: ${images.source}`);
  console.log(`against ${reference.count} images: ${reference.source}\n`);
  const width = Math.max(...evaluation.scores.map(({ metric }) => metric.length));
  for (const each of evaluation.scores) {
    const real = each.floor === undefined ? '' : `   real images: ${Number(each.floor.toPrecision(4))}`;
    console.log(`${each.metric.padEnd(width)}  ${formatScore(each)}${real}`);
  }
  if (evaluation.classification) {
    const nameOf = (label: number): string => classNames?.[label] ?? String(label);
    const { classes } = evaluation.classification;
    const column = Math.max(5, ...classes.map(({ label }) => nameOf(label).length));
    console.log(`\n${'class'.padStart(column)}  images  recognised  taken for this class`);
    for (const { label, count, correct, predicted } of classes) {
      const share = count === 0 ? '–' : `${((100 * correct) / count).toFixed(1)} %`;
      console.log(
        `${nameOf(label).padStart(column)}  ${String(count).padStart(6)}  ${share.padStart(10)}  ${String(predicted).padStart(20)}`,
      );
    }
  }
  console.log('');
  for (const warning of evaluation.warnings) say(`warning: ${warning}`);
}

async function checkOutputs({ receipt, run, save, pictures }: EvaluateFlags): Promise<void> {
  const { checkOutputFile, checkOutputFolder } = await import('ts-diffusion/node');
  if (pictures !== undefined) checkOutputFolder(pictures, { what: 'pictures' });
  if (save !== undefined) {
    const { checkImagesOut } = await import('../output/write-images.js');
    checkImagesOut(save, 'idx');
  }
  if (receipt === undefined && run !== undefined) checkOutputFolder(`${run}/receipts`, { what: 'receipts' });
  else checkOutputFile(receipt ?? DEFAULT_RECEIPT, { what: 'a receipt', extensions: ['.json'] });
}

/** In the folder of the run, under a name that tells the settings. */
function defaultReceipt({ run }: EvaluateFlags, count: number, generation: Generation | null): string {
  if (run === undefined || generation === null) return DEFAULT_RECEIPT;
  const { sampler, samplingSteps, omega, seed, step } = generation;
  return `${run}/receipts/step${step ?? ''}-${sampler}-${samplingSteps}-omega${omega}-seed${seed}-n${count}.json`;
}
