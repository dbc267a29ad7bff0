import { InvalidArgumentError, type Command } from 'commander';
import { type NoiseScheduleName, noiseScheduleNames } from 'ts-diffusion/diffusion';
import { integer } from '../options/arguments.js';
import { addDatasetOptions, imageOfClass, type DatasetFlags } from '../input/source-images.js';
import { print, say } from '../output/say.js';

const examples = `
Examples:
  $ diffusion noise                             a 5 noised over T = 1000, linear above cosine
  $ diffusion noise --digit 3 --timesteps 4000  another digit, longer schedules
  $ diffusion noise --columns 21 --scale 2      finer steps, smaller pictures
  $ diffusion noise --schedules sigmoid,cosine  other schedules`;

interface NoiseFlags extends DatasetFlags {
  readonly timesteps: number;
  readonly schedules: readonly NoiseScheduleName[];
  readonly columns: number;
  readonly digit: number;
  readonly index: number;
  readonly seed: number;
  readonly scale: number;
  readonly out: string;
}

/** Adds the options and action of `diffusion noise`. */
export function configureNoise(command: Command): void {
  command
    .description(
      'Show the forward process (Figure 1): one training image with noise added (equation 4), one row per noise ' +
        'schedule, from timestep 0 at the left to T at the right.',
    )
    .option('-t, --timesteps <T>', 'T, the length of the noise schedules', integer(1, 50_000), 1000)
    .option(
      '--schedules <names>',
      `noise schedules, one per row: some of ${noiseScheduleNames.join(',')}`,
      scheduleList,
      ['linear', 'cosine'],
    )
    .option('--columns <n>', 'number of timesteps to show, evenly spaced from 0 to T', integer(2, 100), 11)
    .option('-d, --digit <label>', 'class of the image', integer(0, 255), 5)
    .option('-i, --index <n>', 'index of the image within that class, from 0', integer(0), 0)
    .option('-s, --seed <n>', 'seed of the noise, which is the same in every column', integer(0), 0)
    .option('--scale <n>', 'screen pixels per image pixel', integer(1, 16), 3)
    .option('-o, --out <file>', 'output file: .png, .jpg or .webp', 'output/noise.png')
    .addHelpText('after', examples)
    .action(drawNoise);
  addDatasetOptions(command);
}

async function drawNoise(flags: NoiseFlags): Promise<void> {
  const { loadDataset } = await import('ts-diffusion/data');
  const { createNoiseSchedule, noisingFigure, NoiseSource, evenlySpacedTimesteps } =
    await import('ts-diffusion/diffusion');
  const { toBytes, toModelRange } = await import('ts-diffusion/images');
  const { checkImagesOut, writeGrid } = await import('../output/write-images.js');
  checkImagesOut(flags.out, 'grid');

  const dataset = await loadDataset({
    split: 'train',
    ...(flags.data === undefined ? {} : { directory: flags.data }),
    ...(flags.offline === undefined ? {} : { offline: flags.offline }),
    onMessage: say,
  });
  const x0 = toModelRange(imageOfClass(dataset, flags.digit, flags.index));
  const noise = new NoiseSource(flags.seed, 0, 1, x0.length).next();
  const columns = Math.min(flags.columns, flags.timesteps + 1);
  const timesteps = evenlySpacedTimesteps(flags.timesteps, columns, 0).reverse();
  const schedules = flags.schedules.map((name) => createNoiseSchedule(name, flags.timesteps));
  const rows = noisingFigure(schedules, x0, noise, timesteps);

  const pictures = new Uint8Array(rows.length * timesteps.length * x0.length);
  rows
    .flatMap(({ images }) => images)
    .forEach((image, i) => {
      pictures.set(toBytes(image), i * x0.length);
    });
  await writeGrid(flags.out, pictures, dataset, timesteps.length, flags.scale);
  print(`Rows: ${rows.map((row) => row.schedule).join(', ')}. Columns: timesteps ${timesteps.join(', ')}.`);
  print(`Wrote ${flags.out}`);
}

function scheduleList(text: string): NoiseScheduleName[] {
  return text.split(',').map((name) => {
    const known = noiseScheduleNames.find((each) => each === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`Expected names among ${noiseScheduleNames.join(',')}.`);
    return known;
  });
}
