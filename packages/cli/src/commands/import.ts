import { join } from 'node:path';
import type { Command } from 'commander';
import type { PipelineModel } from 'ts-diffusion';
import { integer } from '../options/arguments.js';
import { resolveDiffusersFolder } from '../input/diffusers-source.js';
import { print } from '../output/say.js';

const FILE = 'model.safetensors';

const examples = `
Examples:
  $ diffusion import ddpm-cifar10-32 --out imported                 a folder with config.json, or with model_index.json
  $ diffusion import hf:google/ddpm-cifar10-32 --out imported       the same from the Hugging Face Hub, into the cache first
  $ diffusion sample --model imported -n 16
  $ diffusion train --initial-weights imported --data my-pictures   train it further

Timestep t here is t - 1 in diffusers. What is sampled unless asked otherwise is what the scheduler of the folder says.
docs/diffusers.md tells what is supported.`;

interface ImportFlags {
  readonly out: string;
  readonly nullClass?: boolean;
  readonly classes?: number;
  readonly imageSize?: number;
  readonly offline?: boolean;
}

/** Adds the options and action of `diffusion import`. */
export function configureImport(command: Command): void {
  command
    .argument(
      '<source>',
      'folder of a diffusers pipeline or of its UNet2DModel, or hf:owner/name[@REVISION] for one of the Hub',
    )
    .requiredOption('-o, --out <folder>', `output folder; gets ${FILE}`)
    .option('--null-class', 'the last class stands for an image without a class, so the model can be guided')
    .option('--classes <n>', 'number of classes, where config.json does not say', integer(1, 65_536))
    .option('--image-size <n>', 'side of the images in pixels; default: sample_size', integer(1, 1024))
    .option('--offline', 'take a model of the Hub from the cache alone')
    .addHelpText('after', examples)
    .action(importModel);
}

async function importModel(source: string, { out, offline = false, ...options }: ImportFlags): Promise<void> {
  const { checkOutputFolder, readDiffusersFolder, writeFileAtomic } = await import('ts-diffusion/node');
  checkOutputFolder(out, { what: FILE, files: [FILE] });
  const { encodeModel } = await import('ts-diffusion');
  const { folder, name } = await resolveDiffusersFolder(source, offline);
  const model = readDiffusersFolder(folder, options);
  const path = join(out, FILE);
  writeFileAtomic(path, encodeModel(model));
  print(`model          ${name}`);
  for (const line of describe(model)) print(line);
  print(`Wrote ${path}\nNext: diffusion sample --model ${out}`);
}

function describe({ model, parameters, schedule, prediction = 'epsilon', sampling }: PipelineModel): string[] {
  const { imageSize, imageChannels, classes } = model;
  const isConditional = model.architecture !== 'unet2d' || model.classEmbedding !== 'none';
  const steps = sampling?.samplingSteps === 0 ? schedule.timesteps : sampling?.samplingSteps;
  return [
    `network        unet2d, ${parameters.length.toLocaleString('en')} parameters`,
    `images         ${imageSize}x${imageSize}, ${imageChannels} channels, ${isConditional ? `${classes} classes` : 'no classes'}`,
    `schedule       ${schedule.name}, T = ${schedule.timesteps}; predicts ${prediction}`,
    `sampler        ${sampling?.sampler ?? 'ddpm'}, ${steps} steps${sampling?.clipX0 ? ', clipped' : ''}`,
  ];
}
