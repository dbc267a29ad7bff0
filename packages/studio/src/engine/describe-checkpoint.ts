import { decodeSafetensors } from 'ts-diffusion/data';
import { CheckpointError } from 'ts-diffusion/errors';

/**
 * How far the run of a checkpoint is, without the checks that cost time: those are made when it is resumed.
 *
 * @throws CheckpointError for a file that is no checkpoint of a training
 */
export function describeCheckpoint(file: Uint8Array, name: string): { step: number; steps: number } {
  const { metadata } = decodeSafetensors(file, name);
  const step = Number(metadata['step']);
  const { steps = NaN } = JSON.parse(metadata['config'] ?? '{}') as { steps?: number };
  if (Number.isInteger(step) && Number.isInteger(steps)) return { step, steps };
  throw new CheckpointError(
    `${name}: this file has only weights. To resume training, open the checkpoint.safetensors of a run.`,
  );
}
