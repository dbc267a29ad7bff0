import { join } from 'node:path';
import { closeImages } from 'ts-diffusion/data';
import { CheckpointError, ConfigError } from 'ts-diffusion/errors';
import { createNodeRuntime, loadCheckpoint, readTrainConfigFile } from 'ts-diffusion/node';
import { type Checkpoint, nextSync, resolveTrainConfig, train, type TrainConfig } from 'ts-diffusion/train';
import { ProgressBar } from '../../output/progress.js';
import { openTrainingImages } from '../training-images.js';
import { type ReplicaSlice, sliceOf } from './slice.js';
import { SliceFiles } from './slice-files.js';
import { SliceStore } from './slice-store.js';

/** The run watches and draws; its replicas note the loss of every step. */
const QUIET: Partial<TrainConfig> = {
  ...{ logEvery: 1, tensorboard: false, maxMinutes: 0 },
  ...{ validateEvery: 0, evaluateEvery: 0, sampleEvery: 0 },
};

/** Which slice of a run is to be computed, as a command says it. */
export interface SliceRequest {
  readonly run: string;
  /** 1-based. */
  readonly replica: number;
  /** The step of the common weights to begin with. */
  readonly from: number;
  /** Fields of the configuration that say how to compute, and where the images are here. */
  readonly changes: object;
}

/**
 * Computes one replica's part of a round, from references alone: the common weights in the run folder, and the replica's own folder.
 * It writes nothing else, and the same whenever and wherever it runs. What is done is not done again.
 *
 * @returns false where the signal came first; what was done is kept
 * @throws ConfigError where the run has no such replica
 * @throws CheckpointError where the run has not come as far, or what the replica needs is gone
 */
export async function runSlice(request: SliceRequest, signal: AbortSignal): Promise<boolean> {
  const { run, replica, from, changes } = request;
  const config = resolveTrainConfig('paper', readTrainConfigFile(join(run, 'config.json')), changes, QUIET);
  const { replicas = 0 } = config;
  if (replica > replicas) {
    throw new ConfigError(
      `${run}: there is no replica ${replica}; this training has ${replicas === 0 ? 'none' : replicas}.`,
    );
  }
  const start = loadCheckpoint(run);
  // Delivered again after the replicas were averaged.
  if (start.step > from) return true;
  if (start.step < from) {
    throw new CheckpointError(
      `${run}: the weights of step ${from} are not there yet; the run is at step ${start.step}.`,
    );
  }
  const files = new SliceFiles(run, replica);
  const slice = sliceOf(start, config, replica, nextSync(config, from));
  const progress = new ProgressBar(process.stderr, undefined, 'training');
  try {
    if (files.readFinished(slice) === undefined) return await compute(slice, start, files, config, progress, signal);
    progress.update(1, 1);
    return true;
  } finally {
    progress.stop();
  }
}

async function compute(
  slice: ReplicaSlice,
  start: Checkpoint,
  files: SliceFiles,
  config: TrainConfig,
  progress: ProgressBar,
  signal: AbortSignal,
): Promise<boolean> {
  const { from, lastStep } = slice;
  const unfinished = files.readUnfinished(slice);
  const resume = unfinished ?? beginning(start, files, slice);
  const store = new SliceStore(files, slice, unfinished?.slice.losses ?? []);
  const dataset = await openTrainingImages(config, signal);
  if (dataset === undefined) return false;
  try {
    const runtime = await createNodeRuntime(config);
    for await (const event of train({ config, dataset, runtime, store, resume, slice, signal })) {
      if (event.type === 'step') {
        progress.update(event.step - from, lastStep - from, `loss ${event.loss.toFixed(4)}`);
      } else if (event.type === 'stopped') return event.reason === 'finished';
    }
    return false;
  } finally {
    closeImages(dataset);
  }
}

/** The common weights, with the moments and the average of the replica. */
function beginning(start: Checkpoint, files: SliceFiles, slice: ReplicaSlice): Checkpoint {
  if (slice.from === 0) return start;
  const { state } = files.readBefore(slice);
  return { ...start, state: { ...state, parameters: start.state.parameters } };
}
