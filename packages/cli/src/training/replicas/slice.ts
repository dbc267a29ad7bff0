import { sha256Hex } from 'ts-diffusion/node';
import { type Checkpoint, decidingFields, type TrainConfig } from 'ts-diffusion/train';
import { keyOf } from '../../content-key.js';

/** One replica's part of a round of a training. */
export interface ReplicaSlice {
  /** 1-based. */
  readonly replica: number;
  /** The step with whose common weights it begins. */
  readonly from: number;
  /** The step after which it is averaged with the others. */
  readonly lastStep: number;
  /** Hash of all that decides its result, so that what was computed of other weights is not taken for it. */
  readonly key: string;
}

/** @param start the checkpoint of the run with the common weights */
export function sliceOf(start: Checkpoint, config: TrainConfig, replica: number, lastStep: number): ReplicaSlice {
  const { step: from, cycleStart = 0, state } = start;
  const { buffer, byteOffset, byteLength } = state.parameters;
  const key = keyOf('slice', {
    ...{ config: decidingFields(config), replica, from, lastStep, cycleStart, plannedSteps: start.config.steps },
    weights: sha256Hex(new Uint8Array(buffer, byteOffset, byteLength)),
  });
  return { replica, from, lastStep, key };
}
