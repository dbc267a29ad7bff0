import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { LoadedModel } from 'ts-diffusion';
import type { NoiseSchedule, PredictionType } from 'ts-diffusion/diffusion';
import { integer } from '../options/arguments.js';
import { addConfigOptions } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import {
  addCheckpointOptions,
  addDeviceOptions,
  checkpointPath,
  shippedSampling,
  type CheckpointFlags,
  type DeviceFlags,
} from '../options/pipeline-options.js';
import { print, say } from '../output/say.js';

const examples = `
Examples:
  $ diffusion export --run runs/quick
  $ diffusion export --run runs/paper --weights model --out exported
  $ diffusion export --half                                          the model in the package, in float16
  $ diffusion export --run runs/mine --tone-curve                    its samples get the grey levels of its data
  $ diffusion export --run runs/mine --format diffusers --license mit --out mine   a unet2d, for Python and the Hub

denoiser.onnx runs in any ONNX runtime. Inputs: x [B,C,H,W] float32, t [B] float32 (1..T), label [B] int64 (-1: no class), and of a
distilled model guidance [B] float32 (omega).
Output: prediction [B,C,H,W], which is the noise, the clean image, the velocity or the flow, as the model was trained. The command
prints which, the noise schedule and T; the file's metadata hold them too. model.safetensors has the same metadata, and
the parameter names and shapes of PyTorch.

--format diffusers writes a folder that from_pretrained of diffusers loads, with a model card (README.md) and a picture of what
the model draws. The network has to be unet2d. The card shows a Python program that samples; docs/diffusers.md tells more.`;

/** What the network predicts, and how the noise follows from it; `a` is alphasCumprod[t - 1] of its schedule. */
const meanings: Record<PredictionType, string> = {
  epsilon: 'the noise epsilon',
  x0: 'the clean image x0, in [-1, 1]; the noise is epsilon = (x - sqrt(a) * x0) / sqrt(1 - a)',
  v: 'the velocity v; the noise is epsilon = sqrt(1 - a) * x + sqrt(a) * v',
  flow:
    'the flow u = epsilon - x0 at z = x / (sqrt(a) + sqrt(1 - a)), which the input "x" has to be; the noise is ' +
    'epsilon = z + sqrt(a) / (sqrt(a) + sqrt(1 - a)) * u',
};

/** What a distilled model is fed besides. */
const GUIDANCE_FEED = "\n    guidance: new Tensor('float32', weights, [B]),     // omega";

const ONNX = 'denoiser.onnx';
const SAFETENSORS = 'model.safetensors';

/** Images in the picture of a model card, at most. */
const MOST_IMAGES = 1000;

/** Images that a tone curve is fitted to unless a number is given. */
const CURVE_IMAGES = 2000;
const LEAST_CURVE_IMAGES = 100;

interface ExportFlags extends CheckpointFlags, DeviceFlags {
  readonly format: 'onnx' | 'diffusers';
  readonly half?: boolean;
  readonly license?: string;
  readonly images?: number;
  readonly out: string;
  readonly data?: string;
  readonly toneCurve?: true | number;
}

/** Adds the options and action of `diffusion export`. */
export function configureExport(command: Command): void {
  addCheckpointOptions(command)
    .addOption(
      new Option('-f, --format <format>', `onnx: ${ONNX} and ${SAFETENSORS}; diffusers: a folder for from_pretrained`)
        .choices(['onnx', 'diffusers'])
        .default('onnx'),
    )
    .option('--half', 'write the weights of the safetensors in float16, half the size')
    .option('--license <id>', 'diffusers: licence in the model card, an identifier of the Hub such as mit')
    .option('--images <n>', 'diffusers: images in the picture of the card; 0: no picture', integer(0, MOST_IMAGES))
    .option(
      '--tone-curve [n]',
      `onnx: draw images and keep the curve by which they get the grey levels of the training images (default: ${CURVE_IMAGES} images)`,
      integer(LEAST_CURVE_IMAGES),
    )
    .option('-o, --out <folder>', 'output folder', 'output/export')
    .addHelpText('after', examples)
    .action(exportModel);
  addDeviceOptions(command);
  addConfigOptions(command.optionsGroup('Training images, for --tone-curve:'), dataSchema, { data: undefined });
}

async function exportModel(flags: ExportFlags): Promise<void> {
  const { loadModel } = await import('ts-diffusion/node');
  await checkFlags(flags);
  const path = checkpointPath(flags);
  const loaded = loadModel(path, {
    ema: flags.weights !== 'model',
    onMessage: say,
  });
  const sampling = shippedSampling(flags) ?? loaded.model.sampling;
  const known = { ...loaded, model: { ...loaded.model, sampling } };
  if (flags.format === 'diffusers') await exportToDiffusers(flags, known, path);
  else await exportToOnnx(flags, await withToneCurve(flags, known));
}

async function withToneCurve({ toneCurve, ...flags }: ExportFlags, loaded: LoadedModel): Promise<LoadedModel> {
  if (toneCurve === undefined) return loaded;
  const { fitModelToneCurve } = await import('../exporting/fit-tone-curve.js');
  const images = toneCurve === true ? CURVE_IMAGES : toneCurve;
  return {
    ...loaded,
    model: { ...loaded.model, toneCurve: await fitModelToneCurve(loaded, { ...flags, toneCurve: images }) },
  };
}

/** @throws ConfigError and WriteError, before the model is read */
async function checkFlags({ format, license, images, toneCurve, out }: ExportFlags): Promise<void> {
  if (format === 'diffusers') {
    if (toneCurve !== undefined) {
      const { ConfigError } = await import('ts-diffusion/errors');
      throw new ConfigError('--tone-curve is for --format onnx: diffusers has no place for the curve.');
    }
    const { checkLicense } = await import('../exporting/diffusers-folder.js');
    if (license !== undefined) checkLicense(license);
    return;
  }
  const given = license !== undefined ? '--license' : images !== undefined ? '--images' : undefined;
  if (given !== undefined) {
    const { ConfigError } = await import('ts-diffusion/errors');
    throw new ConfigError(`${given} is for the model card of --format diffusers; --format ${format} writes none.`);
  }
  const { checkOutputFolder } = await import('ts-diffusion/node');
  checkOutputFolder(out, { what: `${ONNX} and ${SAFETENSORS}`, files: [ONNX, SAFETENSORS] });
}

async function exportToDiffusers(flags: ExportFlags, loaded: LoadedModel, path: string): Promise<void> {
  const { out, half = false, license, images, device, threads } = flags;
  const { writeDiffusersFolder } = await import('../exporting/diffusers-folder.js');
  const options = { half, license, images, device, threads };
  for (const file of await writeDiffusersFolder(out, loaded, path, options)) print(`Wrote ${file}`);
  if (license === undefined) {
    print('The model card names no licence: give --license, such as mit, before you publish the model.');
  }
  print(`Next: the Python program in ${join(out, 'README.md')}, run in ${out}`);
}

async function exportToOnnx(flags: ExportFlags, loaded: LoadedModel): Promise<void> {
  const { writeFileAtomic } = await import('ts-diffusion/node');
  const { exportModelFiles } = await import('ts-diffusion');
  const { model, schedule, prediction = 'epsilon' } = loaded.model;
  const files = exportModelFiles(loaded.model, { half: flags.half === true, origin: loaded });
  const onnx = join(flags.out, ONNX);
  const safetensors = join(flags.out, SAFETENSORS);
  writeFileAtomic(onnx, files.onnx);
  writeFileAtomic(safetensors, files.safetensors);

  const size = model.imageSize;
  const takesGuidance = model.architecture === 'modern-unet' && model.largestGuidanceWeight !== undefined;
  print(`Wrote ${onnx} and ${safetensors}

The output "prediction" is ${meanings[prediction]}.
Its noise schedule is ${schedule.name}, T = ${schedule.timesteps}: a = ${scheduleCall(schedule)}.alphasCumprod[t - 1]; in Python: docs/pytorch.md.

In Node or a browser (onnxruntime-node, onnxruntime-web):
  const session = await InferenceSession.create('${onnx}');
  const { prediction } = await session.run({
    x: new Tensor('float32', pixels, [B, ${model.imageChannels}, ${size}, ${size}]),      // ${prediction === 'flow' ? 'z' : 'x_t'}
    t: new Tensor('float32', timesteps, [B]),          // 1..${schedule.timesteps}
    label: new Tensor('int64', labels, [B]),           // 0..${model.classes - 1}, -1: no class${takesGuidance ? GUIDANCE_FEED : ''}
  });

In Python:
  session = onnxruntime.InferenceSession("${onnx}")
  prediction, = session.run(["prediction"], {"x": x, "t": t, "label": label${takesGuidance ? ', "guidance": omega' : ''}})
  state_dict = safetensors.torch.load_file("${safetensors}")  # names: docs/pytorch.md`);
}

function scheduleCall({ name, timesteps, rescaleBetas, zeroTerminalSnr }: NoiseSchedule): string {
  if (name === 'given') return `createNoiseSchedule('linear', ${timesteps}, { betas: JSON.parse(metadata.betas) })`;
  const changes = rescaleBetas || zeroTerminalSnr ? `, ${JSON.stringify({ rescaleBetas, zeroTerminalSnr })}` : '';
  return `createNoiseSchedule('${name}', ${timesteps}${changes})`;
}
