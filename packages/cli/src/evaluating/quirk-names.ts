/** Deviations of the paper's published program in drawing and scoring, which `evaluate` repeats on demand: what they are, by name. */
export const quirks = {
  omittedClassBranch:
    'unconditional predictions leave out the class branch, in place of feeding it the zero vector it was trained with',
  clampedBeforeSaving:
    'samples in [-1, 1] are clamped to [0, 1] before they are saved: everything below mid-grey turns black',
  wrongEvaluatorRange: 'the evaluator, trained on (x - mean) / std, is fed samples in [-1, 1]',
} as const;

export type QuirkName = keyof typeof quirks;

export const quirkNames = Object.keys(quirks) as [QuirkName, ...QuirkName[]];
