import type { PredictionType } from '../diffusion/prediction.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { SamplingDefaults } from '../pipeline/pipeline-model.js';
import type { WeightsOrigin } from '../pipeline/weights-origin.js';
import type { DeviceName } from '../runtime/types.js';

/** What a worker tells of a model that it has loaded. */
export interface WorkerModelInfo extends SamplingDefaults {
  /** Where it computes. */
  readonly device: DeviceName;
  readonly threads: number;
  /** Name and version of the library that computes, e.g. `onnxruntime-web 1.30.0`. */
  readonly version: string;
  /** Why it is not another device or more threads, for people. */
  readonly note?: string;
  readonly model: DenoiserConfig;
  /** How many weights the network has. */
  readonly parameters: number;
  readonly prediction: PredictionType;
  /** Name of the noise schedule. */
  readonly schedule: string;
  /** T. */
  readonly timesteps: number;
  /** In how many steps a distilled model draws; absent: in any number. */
  readonly drawingSteps?: readonly number[] | undefined;
  /** What the classes are called, by label; absent: they have no names. */
  readonly classNames?: readonly string[] | undefined;
  /** `Dataset.sha256` of the images that it was trained on; absent: nobody knows. */
  readonly trainedOn?: string | undefined;
  readonly origin: WeightsOrigin;
}
