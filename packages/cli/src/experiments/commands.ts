import { describeBudget, type Budget } from './budget.js';
import type { Cell, Study, TrainingPlan } from './plan.js';
import { samplingOptions } from './sample-stage.js';
import type { StudyFolder } from './study-folder.js';
import { trainingConfig } from './train-stage.js';

/** The command that trains a model of the study anew, where `cellCommand` looks for it. */
export function trainCommand(plan: TrainingPlan, budget: Budget, folder: StudyFolder): string {
  const { schedule, timesteps, rescaleBetas, labelDropoutPer } = plan;
  const { steps, batchSize, channels, learningRate } = trainingConfig(plan, budget);
  return [
    `diffusion train --preset paper --run ${folder.run(plan)} --schedule ${schedule} --timesteps ${timesteps}`,
    ...(rescaleBetas ? ['--rescale-betas'] : []),
    ...(labelDropoutPer === 'batch' ? ['--label-dropout-per batch'] : []),
    `--steps ${steps} --batch-size ${batchSize} --channels ${channels.join(',')} --learning-rate ${learningRate}`,
  ].join(' ');
}

/** The command that draws and scores a cell anew; cells with a quirk of sampling or scoring have only the study's own. */
export function cellCommand(cell: Cell, study: Study, folder: StudyFolder): string {
  const { samples, count } = cell;
  if (samples.omitClassBranch || cell.clampedBeforeSaving || cell.wrongEvaluatorRange || count < samples.count) {
    return `${studyCommand(study, folder)} # cell ${cell.id}`;
  }
  const { sampler = '', samplingSteps, spacing, guidanceWeight, seed, clipX0 } = samplingOptions(samples, study.budget);
  return [
    `diffusion evaluate --run ${folder.run(samples.training)} --count ${count} --sampler ${sampler}`,
    `--sampling-steps ${samplingSteps ?? 0} --omega ${guidanceWeight ?? ''} --seed ${seed ?? 0}`,
    ...(spacing === undefined ? [] : [`--spacing ${spacing}`]),
    ...(clipX0 === true ? ['--clip-x0'] : []),
    '--judges 0 --no-thorough',
  ].join(' ');
}

/** The command that runs, or goes on with, the whole study. */
export function studyCommand({ budget, protocols, parts }: Study, { path }: StudyFolder): string {
  return `diffusion reproduce --out ${path} --budget ${describeBudget(budget)} --protocols ${protocols.join(',')} --parts ${parts.join(',')}`;
}
