import { parseJson } from '../formats/parse-json.js';
import { listOf, record, signature, text } from '../utils/arguments.js';
import { ConfigError } from '../utils/errors.js';
import { parseConfig } from '../utils/parse-config.js';
import { parseTrainConfig } from './check-config.js';
import { type TrainConfig, type TrainConfigLayer, trainConfigSchema } from './config.js';
import { IMAGES, type TrainPreset, trainPresetNames, trainPresets } from './presets.js';

const resolveTrainConfigArguments = signature('resolveTrainConfig', {
  preset: text,
  layers: listOf(record, 'objects with fields of the configuration'),
});

/**
 * Puts a training configuration together: defaults, then the preset, then `layers` from left to right
 * (a configuration file, command line flags); a later value replaces an earlier one, and undefined counts as not given. The time limit
 * of a preset goes with its own number of steps: where a layer sets `steps`, and none `maxMinutes`, all steps are trained.
 *
 * @throws ConfigError for an unknown preset, an unknown field or an invalid value, naming what would be valid; for the preset
 *   `images`, which needs the images: `trainConfigFor`
 */
export function resolveTrainConfig(preset: TrainPreset, ...layers: readonly TrainConfigLayer[]): TrainConfig {
  resolveTrainConfigArguments({ preset, layers });
  if (preset === IMAGES) {
    throw new ConfigError(
      'The preset "images" chooses a network for the images; give them: trainConfigFor(images, "images", ...).',
    );
  }
  if (!Object.hasOwn(trainPresets, preset)) {
    throw new ConfigError(`Unknown preset "${preset}". Presets: ${trainPresetNames.join(', ')}.`);
  }
  const wanted = Object.fromEntries(
    layers.flatMap((layer) => Object.entries(layer).filter(([, value]) => value !== undefined)),
  );
  const unlimited = Object.hasOwn(wanted, 'steps') ? { maxMinutes: 0 } : {};
  const base = trainPresets[preset] as Partial<TrainConfig>;
  return parseTrainConfig({ ...withoutSteps(base, wanted), ...unlimited, ...wanted });
}

/** A preset's number of steps and their spacing are those of its sampler: with another one they say nothing. */
function withoutSteps(preset: Partial<TrainConfig>, { sampler }: { readonly sampler?: unknown }): Partial<TrainConfig> {
  if (sampler === undefined || preset.sampler === undefined || sampler === preset.sampler) return preset;
  return Object.fromEntries(Object.entries(preset).filter(([name]) => name !== 'samplingSteps' && name !== 'spacing'));
}

const continuedTrainConfigArguments = signature('continuedTrainConfig', { saved: record, changes: record });

/**
 * The configuration of a run that goes on: as it was saved, with changes. A time limit was meant for the former number of steps: changes of
 * `steps` without `maxMinutes` train them all.
 *
 * @throws ConfigError for an unknown field or an invalid value
 */
export function continuedTrainConfig(saved: TrainConfigLayer, changes: TrainConfigLayer): TrainConfig {
  continuedTrainConfigArguments({ saved, changes });
  return resolveTrainConfig('paper', saved, changes.steps === undefined ? {} : { maxMinutes: 0 }, changes);
}

const parseTrainConfigFileArguments = signature('parseTrainConfigFile', { text, path: text });

/**
 * Reads the text of a JSON configuration file into a layer for `resolveTrainConfig`.
 *
 * @throws ConfigError when the text is not JSON, not an object, or has unknown fields or invalid values
 */
export function parseTrainConfigFile(text: string, path: string): Partial<TrainConfig> {
  parseTrainConfigFileArguments({ text, path });
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ConfigError(`${path}: not a JSON file (${(error as Error).message}).`);
  }
  parseConfig(trainConfigSchema, value, path);
  return value as Partial<TrainConfig>;
}
