import {
  type ReplicatedEvent,
  type ReplicatedRun,
  trainReplicas as averaged,
} from '../training/replicated-training.js';
import { train as steps, type TrainingEvent, type TrainingRun } from '../training/training-run.js';
import { fitTrainedToneCurve as fitToneCurve } from './fit-trained-tone-curve.js';

/**
 * Trains a diffusion model as `training/training-run.ts` says, and fits the tone curve that `config.toneCurve` asks for.
 *
 * @throws as `train` of `training/training-run.ts` does
 */
export const train = (run: TrainingRun): AsyncGenerator<TrainingEvent, void, void> => steps({ fitToneCurve, ...run });

/** As `train`, for replicas. @throws as `trainReplicas` of `training/replicated-training.ts` does */
export const trainReplicas = (run: ReplicatedRun): AsyncGenerator<ReplicatedEvent, void, void> =>
  averaged({ fitToneCurve, ...run });
