import { Option, type Command } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import type { EvaluateFlags } from '../evaluating/evaluate-flags.js';
import { quirkNames } from '../evaluating/quirk-names.js';
import { checkModel, JUDGED_BY_DEFAULT, prepareScorer } from '../evaluating/prepare-scorer.js';
import { DEFAULT_COUNT, drawSamples } from '../evaluating/samples.js';
import { checkOutcome, DEFAULT_RECEIPTS, scoreSamples } from '../evaluating/score-samples.js';
import { integer, someOf } from '../options/arguments.js';
import { addConfigOptions } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { addNetworkOptions } from '../options/evaluation-options.js';
import { addCountOptions } from '../options/image-count.js';
import { addCheckpointOptions, addDeviceOptions, withPipeline } from '../options/pipeline-options.js';
import { addSamplingOptions, shippedModelsHelp } from '../options/sampling-options.js';
import { shardOption, SHARDS_FOLDER } from '../options/shard-option.js';

const examples = `
Examples:
  $ diffusion evaluate --run runs/paper --sampler dpm-solver++ --steps 25   10,000 samples against the test digits
  $ diffusion evaluate --run runs/paper -n 1000 --omega 0.5                 fewer samples: faster, larger error
  $ diffusion evaluate -n 1000 --steps 10                                   the model in the package
  $ diffusion evaluate --images samples/                                    a folder of image files, or an IDX pair
  $ diffusion evaluate --images samples/ --fid --inception-weights w.pth    also FID, as computed by pytorch-fid
  $ diffusion evaluate --run runs/paper --statistics --shard 1/4             a quarter of it, for diffusion merge
  $ diffusion compare runs/*/receipts/*.json                                receipts side by side

Each distance is printed with its floor: the score of as many real training images against the same reference.
A Fréchet distance over the features of a digit classifier is not FID. Compare it only with distances over the same features.`;

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
      'also write pictures: samples that a judge finds most and least suspicious, grey levels, stroke widths, classes seen, nearest training images',
    )
    .option(
      '--receipt <file>',
      `receipt to write; default: a file in RUN/receipts or ${DEFAULT_RECEIPTS}, named by settings and a hash of all that decides the scores`,
    )
    .addOption(
      new Option(
        '--statistics [folder]',
        `write what the scores are computed from, for diffusion merge, in place of scores; default: ${SHARDS_FOLDER}`,
      ).conflicts(['bitsPerDim', 'save', 'pictures', 'receipt']),
    )
    .addOption(shardOption('with --statistics: draw and measure only the i-th of n parts of the samples'));
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
    .addOption(
      new Option(
        '--quirks <names>',
        `deviations of the paper's published program, to measure what they cost: ${quirkNames.join(', ')}`,
      )
        .argParser(someOf(quirkNames))
        .conflicts(['images', 'statistics']),
    )
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
  if (flags.statistics !== undefined) {
    const { measureShard } = await import('../sharding/measure-shard.js');
    await measureShard({ ...flags, statistics: flags.statistics });
    return;
  }
  if (flags.shard !== undefined) {
    throw new ConfigError(
      '--shard goes with --statistics: what scores are computed from is written, and diffusion merge computes the scores.',
    );
  }
  const begin = performance.now();
  const { describeMachine } = await import('ts-diffusion/evaluation');
  await checkOutcome(flags);
  if (flags.save !== undefined) {
    const { checkImagesOut } = await import('../output/write-images.js');
    checkImagesOut(flags.save, 'idx');
  }
  if (flags.images !== undefined) {
    const { createNodeRuntime } = await import('ts-diffusion/node');
    const { device, threads } = flags;
    const { readSamples } = await import('../evaluating/read-samples.js');
    const samples = await readSamples(flags.images);
    const runtime = await createNodeRuntime({ device, threads });
    const prepared = await prepareScorer(flags, runtime, samples.generation ?? undefined);
    await scoreSamples(prepared, samples, flags, { machine: describeMachine(runtime), begin });
    return;
  }
  const { quirkyImages, quirkyModel } = await import('../evaluating/quirks.js');
  const { quirks = [] } = flags;
  await withPipeline(
    flags,
    async (pipeline) => {
      const { runtime } = pipeline;
      const prepared = await prepareScorer(flags, runtime, pipeline);
      checkModel(prepared, pipeline, flags);
      const drawn = await drawSamples(pipeline, flags);
      const samples = { ...drawn, images: quirkyImages(drawn.images, quirks) };
      await scoreSamples(prepared, samples, flags, { machine: describeMachine(runtime), begin, pipeline });
    },
    (model) => quirkyModel(model, quirks),
  );
}
