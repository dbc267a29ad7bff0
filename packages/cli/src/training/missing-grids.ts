import { type Checkpoint, type DenoiserConfig, dueSteps } from 'ts-diffusion/train';
import { say } from '../output/say.js';
import type { OpenRun } from './open-run.js';

/**
 * Draws the sample grids that were due up to the checkpoint gone on from and are not there, or not whole: a kill may have come
 * between a checkpoint and its grid. Only the weights of the two newest checkpoints are still had.
 *
 * @param draw returns false when the user has stopped it
 */
export async function drawMissingGrids(
  { folder, config }: OpenRun,
  resume: Checkpoint,
  draw: (step: number, model: DenoiserConfig, ema: Float32Array) => Promise<boolean>,
): Promise<void> {
  const missing = dueSteps(config, resume.step).filter((step) => folder.readSamples(step) === undefined);
  if (missing.length === 0) return;
  const kept = [resume, folder.readPreviousCheckpoint()];
  const gone: number[] = [];
  for (const step of missing) {
    const checkpoint = kept.find((each) => each?.step === step);
    if (checkpoint === undefined) gone.push(step);
    else if (!(await draw(step, checkpoint.model, checkpoint.state.ema))) return;
  }
  if (gone.length > 0) {
    say(
      `${gone.length} earlier sample grids (steps ${gone[0]} to ${gone.at(-1)}) are missing and cannot be made again: their ` +
        'checkpoints no longer exist.',
    );
  }
}
