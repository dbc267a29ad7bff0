import type { LabelDropoutUnit } from 'ts-diffusion/diffusion';

/**
 * What the authors' published notebook does differently from the paper's text, each as a switch. `corrected` sets none of
 * them, `paper` all.
 */
export interface Quirks {
  /** Labels are dropped for a whole batch at once, by one coin. */
  readonly labelDropoutPer: LabelDropoutUnit;
  /** The linear schedule keeps its betas at T = 4000, so that nothing of the image is left long before T. */
  readonly unscaledBetas: boolean;
  /** The predicted image is not clipped to black..white while sampling. */
  readonly unclippedX0: boolean;
  /** Unconditional sampling leaves out the class branch, instead of feeding it the zero vector it was trained with. */
  readonly omittedClassBranch: boolean;
  /** Samples in [-1, 1] are clamped to [0, 1] before they are saved: everything below mid-grey turns black. */
  readonly clampedBeforeSaving: boolean;
  /** The evaluator was trained on (x - mean) / std, but is fed samples in [-1, 1]. */
  readonly wrongEvaluatorRange: boolean;
}

export const protocols = {
  corrected: {
    labelDropoutPer: 'image',
    unscaledBetas: false,
    unclippedX0: false,
    omittedClassBranch: false,
    clampedBeforeSaving: false,
    wrongEvaluatorRange: false,
  },
  paper: {
    labelDropoutPer: 'batch',
    unscaledBetas: true,
    unclippedX0: true,
    omittedClassBranch: true,
    clampedBeforeSaving: true,
    wrongEvaluatorRange: true,
  },
} as const satisfies Record<string, Quirks>;

export type ProtocolName = keyof typeof protocols;
export const protocolNames = Object.keys(protocols) as readonly ProtocolName[];
