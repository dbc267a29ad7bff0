import type { ReplicaQueue } from '../options/replica-queue-options.js';
import type { TrainingImages } from 'ts-diffusion/data';
import { type OpenOptions, RunFolder } from 'ts-diffusion/node';
import { type Checkpoint, checkSameRun, continuedTrainConfig, type TrainConfig } from 'ts-diffusion/train';

/** A run that this process may train, until its folder is closed. */
export interface OpenRun {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  /** Where it goes on; undefined: at the beginning. */
  readonly resume: Checkpoint | undefined;
  /** The images, where they are open already. */
  readonly images?: TrainingImages | undefined;
  /** Whether nobody chose a network: the defaults are the paper's. */
  readonly isDefault?: boolean | undefined;
  /** Replicas that train at once on this machine; default: one. */
  readonly jobs?: number | undefined;
  /** Whose workers train the replicas; default: child processes of this one. */
  readonly queue?: ReplicaQueue | undefined;
}

/** Makes the folder of a new run. @throws RunFolderError, WriteError as `RunFolder.create` */
export function beginRun(path: string, config: TrainConfig, options: OpenOptions = {}): OpenRun {
  return { folder: RunFolder.create(path, config, options), config, resume: undefined };
}

/**
 * Opens the folder of a run to go on after its newest checkpoint, with its own configuration and `changes`. Changes that ask
 * for a number of steps, and for no time limit, get them all. But for the names of the checkpoints nothing changes yet.
 *
 * @param onMessage told of damaged checkpoints
 * @throws RunFolderError, CheckpointError when there is nothing to go on with
 * @throws ConfigError when the configuration, changed here or in `config.json`, is another run's
 */
export function continueRun(
  path: string,
  changes: object,
  onMessage: (text: string) => void,
  options: OpenOptions = {},
): OpenRun {
  const folder = RunFolder.resume(path, options);
  try {
    const resume = folder.hasCheckpoint ? folder.readCheckpoint(onMessage) : undefined;
    const saved = folder.readConfig() ?? resume?.config ?? {};
    const config = continuedTrainConfig(saved, changes);
    if (resume !== undefined) checkSameRun(resume, config);
    return { folder, config, resume };
  } catch (error) {
    folder.close();
    throw error;
  }
}
