import { CheckpointError } from 'ts-diffusion/errors';
import type { ReceiptContents } from 'ts-diffusion/evaluation';
import { checkpointPath, type CheckpointFlags } from '../options/pipeline-options.js';

/** What the checkpoint says of the training; undefined for a model in the package and an exported one. */
export async function trainedHow(flags: CheckpointFlags): Promise<ReceiptContents['trained']> {
  if (flags.run === undefined && flags.checkpoint === undefined) return undefined;
  const { loadCheckpoint } = await import('ts-diffusion/node');
  try {
    const { config, data, selection } = loadCheckpoint(checkpointPath(flags));
    return {
      validation: data.validation?.count ?? 0,
      classBalance: config.classBalance,
      ...(selection && { selection }),
    };
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}
