import { join } from 'node:path';
import type { Command } from 'commander';
import type { NoiseSchedule, PredictionType } from 'ts-diffusion/diffusion';
import {
  addCheckpointOptions,
  checkpointPath,
  shippedSampling,
  type CheckpointFlags,
} from '../options/pipeline-options.js';

const examples = `
Examples:
  $ diffusion export --run runs/quick
  $ diffusion export --run runs/paper --weights model --out exported
  $ diffusion export --half                                          the model in the package, in float16

denoiser.onnx runs in any ONNX runtime. Inputs: x [B,1,H,W] float32, t [B] float32 (1..T), label [B] int64 (-1: no class).
Output: prediction [B,1,H,W], which is the noise, the clean image or the velocity, as the model was trained. The command
prints which, the noise schedule and T; the file's metadata hold them too. model.safetensors has the same metadata, and
the parameter names and shapes of PyTorch.`;

/** What the network predicts, and how the noise follows from it; `a` is alphasCumprod[t - 1] of its schedule. */
const meanings: Record<PredictionType, string> = {
  epsilon: 'the noise epsilon',
  x0: 'the clean image x0, in [-1, 1]; the noise is epsilon = (x - sqrt(a) * x0) / sqrt(1 - a)',
  v: 'the velocity v; the noise is epsilon = sqrt(1 - a) * x + sqrt(a) * v',
};

const ONNX = 'denoiser.onnx';
const SAFETENSORS = 'model.safetensors';

interface ExportFlags extends CheckpointFlags {
  readonly half?: boolean;
  readonly out: string;
}

/** Adds the options and action of `diffusion export`. */
export function configureExport(command: Command): void {
  addCheckpointOptions(command)
    .option('--half', 'write model.safetensors in float16, half the size')
    .option('-o, --out <folder>', 'output folder', 'output/export')
    .addHelpText('after', examples)
    .action(exportModel);
}

async function exportModel(flags: ExportFlags): Promise<void> {
  const { checkOutputFolder, loadModel, writeFileAtomic } = await import('ts-diffusion/node');
  checkOutputFolder(flags.out, { what: `${ONNX} and ${SAFETENSORS}`, files: [ONNX, SAFETENSORS] });
  const path = checkpointPath(flags);
  const { exportModelFiles } = await import('ts-diffusion');

  const loaded = loadModel(path, {
    ema: flags.weights !== 'model',
    onMessage: (text) => process.stderr.write(`${text}\n`),
  });
  const sampling = shippedSampling(flags) ?? loaded.model.sampling;
  const { model, schedule, prediction = 'epsilon' } = loaded.model;
  const files = exportModelFiles({ ...loaded.model, sampling }, { half: flags.half === true, origin: loaded });
  const onnx = join(flags.out, ONNX);
  const safetensors = join(flags.out, SAFETENSORS);
  writeFileAtomic(onnx, files.onnx);
  writeFileAtomic(safetensors, files.safetensors);

  const size = model.imageSize;
  console.log(`Wrote ${onnx} and ${safetensors}

The output "prediction" is ${meanings[prediction]}.
Its noise schedule is ${schedule.name}, T = ${schedule.timesteps}: a = ${scheduleCall(schedule)}.alphasCumprod[t - 1]; in Python: docs/pytorch.md.

In Node or a browser (onnxruntime-node, onnxruntime-web):
  const session = await InferenceSession.create('${onnx}');
  const { prediction } = await session.run({
    x: new Tensor('float32', pixels, [B, 1, ${size}, ${size}]),      // x_t
    t: new Tensor('float32', timesteps, [B]),          // 1..${schedule.timesteps}
    label: new Tensor('int64', labels, [B]),           // 0..${model.classes - 1}, -1: no class
  });

In Python:
  session = onnxruntime.InferenceSession("${onnx}")
  prediction, = session.run(["prediction"], {"x": x, "t": t, "label": label})
  state_dict = safetensors.torch.load_file("${safetensors}")  # names: docs/pytorch.md`);
}

function scheduleCall({ name, timesteps, rescaleBetas, zeroTerminalSnr }: NoiseSchedule): string {
  if (name === 'given') return `createNoiseSchedule('linear', ${timesteps}, { betas: JSON.parse(metadata.betas) })`;
  const changes = rescaleBetas || zeroTerminalSnr ? `, ${JSON.stringify({ rescaleBetas, zeroTerminalSnr })}` : '';
  return `createNoiseSchedule('${name}', ${timesteps}${changes})`;
}
