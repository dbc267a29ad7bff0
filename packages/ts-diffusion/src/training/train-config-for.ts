import { listOf, options, positiveCount, record, signature, text } from '../utils/arguments.js';
import { IMAGES, type TrainPreset } from './presets.js';
import { resolveTrainConfig } from './resolve-config.js';
import type { TrainConfig, TrainConfigLayer } from './config.js';
import { imagesPreset, type ImagesToLearn } from './images-preset.js';

const trainConfigForArguments = signature('trainConfigFor', {
  images: options({
    height: positiveCount,
    width: positiveCount,
    channels: positiveCount.optional(),
    count: positiveCount,
  }),
  preset: text,
  layers: listOf(record, 'objects with fields of the configuration'),
});

/**
 * `resolveTrainConfig` where the images are known: also for the preset `images`, which chooses a network for their size, channels and
 * number.
 *
 *     const config = trainConfigFor(dataset, 'images', { steps: 5000 });
 *
 * @throws ConfigError as `resolveTrainConfig`
 */
export function trainConfigFor(
  images: ImagesToLearn,
  preset: TrainPreset,
  ...layers: readonly TrainConfigLayer[]
): TrainConfig {
  trainConfigForArguments({ images, preset, layers });
  return preset === IMAGES
    ? resolveTrainConfig('paper', imagesPreset(images), ...layers)
    : resolveTrainConfig(preset, ...layers);
}
