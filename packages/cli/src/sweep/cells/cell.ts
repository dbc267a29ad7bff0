import type { SamplingData } from 'ts-diffusion/diffusion';
import type { NetworkPaths } from 'ts-diffusion/node';
import type { DenoiserConfig, TrainConfig } from 'ts-diffusion/train';
import type { EvaluateFields } from '../plan/fields.js';
import type { Setting } from '../plan/settings.js';

/** One training, which cells share that differ only in how images are drawn or scored. */
export interface Training {
  /** Hash of all that decides its weights. */
  readonly key: string;
  readonly config: TrainConfig;
  readonly network: DenoiserConfig;
}

/** What a cell draws from. */
export type CellModel =
  | { readonly kind: 'training'; readonly training: Training }
  | {
      readonly kind: 'model';
      /** Name of the package's, or path. */
      readonly model: string;
      readonly network: DenoiserConfig;
    };

/** Paths on this machine of networks that were made for the images of a cell. */
export type CellNetworks = Pick<NetworkPaths, 'evaluator' | 'featureNetwork' | 'secondFeatureNetwork'>;

/** One cell of a sweep: a model, how images are drawn from it, and how they are scored. */
export interface Cell {
  /** Hash of all that decides its scores. */
  readonly key: string;
  /** The values of the fields that the plan varies. */
  readonly setting: Setting;
  readonly model: CellModel;
  /** Every option of drawing that a default could decide otherwise. */
  readonly sampling: SamplingData;
  readonly weights: 'ema' | 'model' | 'best';
  readonly evaluation: EvaluateFields;
  /** What the cell costs beside its training: evaluations of the network per image. */
  readonly evaluationsPerImage: number;
  /** By which it is scored unless its fields name others; undefined: those of the package. */
  readonly keptNetworks?: CellNetworks | undefined;
}
