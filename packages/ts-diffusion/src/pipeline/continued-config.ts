import { diffusersConfig, diffusersConfigSchema, type DiffusersConfig } from '../models/unet2d/diffusers-config.js';
import type { UNet2DConfig } from '../models/unet2d/unet2d-config.js';
import type { TrainConfig } from '../training/config.js';
import { signature } from '../utils/arguments.js';
import { pipelineModel as pipelineModelShape } from '../utils/training-shapes.js';
import type { PipelineModel } from './pipeline-model.js';
import { knowsNoClass } from './drawable-model.js';

const continuedConfigArguments = signature('continuedConfig', { model: pipelineModelShape });

/**
 * What a training that begins with the weights of an imported model takes from it, as a layer for `resolveTrainConfig`: network, noise
 * schedule and prediction. Nothing of a model of another architecture: its configuration names them.
 */
export function continuedConfig(pipelineModel: PipelineModel): Partial<TrainConfig> {
  continuedConfigArguments({ model: pipelineModel });
  const { model, schedule, prediction = 'epsilon' } = pipelineModel;
  if (model.architecture !== 'unet2d') return {};
  const { name, timesteps, rescaleBetas, zeroTerminalSnr, betas } = schedule;
  const noise =
    name === 'given'
      ? { schedule: 'linear' as const, betas: [...betas], rescaleBetas: false, zeroTerminalSnr: false }
      : { schedule: name, rescaleBetas, zeroTerminalSnr };
  return {
    model: 'unet2d',
    unet2d: changedDiffusersFields(model),
    timesteps,
    ...noise,
    prediction,
    ...(model.nullClass ? {} : { guidanceWeight: 0 }),
    ...(knowsNoClass(model) ? {} : { labelDropout: 0 }),
  };
}

/** Where a training configuration says nothing of these, they are not diffusers' defaults but follow from its other fields and the data. */
const chosenFields: ReadonlySet<string> = new Set([
  'block_out_channels',
  'down_block_types',
  'up_block_types',
  'add_attention',
  'norm_num_groups',
  'num_class_embeds',
]);

/** The fields of `config.json` that a training configuration needs to build the same network. */
function changedDiffusersFields(model: UNet2DConfig): Partial<DiffusersConfig> {
  const defaults = diffusersConfigSchema.parse({});
  return Object.fromEntries(
    Object.entries(diffusersConfig(model)).filter(
      ([name, value]) =>
        chosenFields.has(name) || JSON.stringify(value) !== JSON.stringify(defaults[name as keyof DiffusersConfig]),
    ),
  );
}
