import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SamplerName } from '../diffusion/samplers/index.js';
import type { TimestepSpacing } from '../diffusion/timestep-spacing.js';
import { CheckpointError, DataError } from '../utils/errors.js';
import type { CheckpointFlags } from './pipeline-options.js';
import type { SamplingFlags } from './sampling-options.js';

const ID = 'modern';
const models = new URL('../../models/', import.meta.url);

const INSTALL_AGAIN = 'install ts-diffusion again';

/**
 * The path of the model that is part of the package: preset `modern`, trained on all of MNIST; its receipt lies beside it.
 *
 * @throws CheckpointError where it is missing
 */
export function shippedModel(): string {
  const path = fileURLToPath(new URL(`${ID}.safetensors`, models));
  if (existsSync(path)) return path;
  throw new CheckpointError(
    `${path}: the model of the package is missing; ${INSTALL_AGAIN}, or name another with --run or --checkpoint.`,
  );
}

/** How the shipped model is sampled unless the user says otherwise. */
export interface ShippedSampling {
  readonly sampler: SamplerName;
  readonly samplingSteps: number;
  readonly spacing: TimestepSpacing;
  readonly omega: number;
}

/**
 * The settings that `models/manifest.json` names for the shipped model; the studio begins with the same.
 *
 * @throws DataError where it does not
 */
export function shippedSampling(): ShippedSampling {
  const path = fileURLToPath(new URL('manifest.json', models));
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly models: readonly {
        readonly id: string;
        readonly defaults: Omit<ShippedSampling, 'samplingSteps'> & { readonly steps: number };
      }[];
    };
    const entry = manifest.models.find(({ id }) => id === ID);
    if (entry === undefined) throw new Error('no such model');
    const { sampler, steps, spacing, omega } = entry.defaults;
    return { sampler, samplingSteps: steps, spacing, omega };
  } catch (error) {
    const reason = (error as Error).message;
    throw new DataError(`${path}: cannot tell how the model "${ID}" is sampled (${reason}); ${INSTALL_AGAIN}.`, {
      cause: error,
    });
  }
}

/** The flags, completed by the shipped model's own settings where it is sampled and no sampler was asked for. */
export function withShippedSampling<Flags extends CheckpointFlags & SamplingFlags>(flags: Flags): Flags {
  const { run, checkpoint, sampler, samplingSteps, spacing, omega, guidanceScale } = flags;
  if (run !== undefined || checkpoint !== undefined || sampler !== undefined) return flags;
  const own = shippedSampling();
  return {
    ...flags,
    sampler: own.sampler,
    samplingSteps: samplingSteps ?? own.samplingSteps,
    spacing: spacing ?? own.spacing,
    omega: guidanceScale === undefined ? (omega ?? own.omega) : undefined,
  };
}
