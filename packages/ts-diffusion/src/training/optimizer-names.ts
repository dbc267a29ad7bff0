/** Optimizers of a training: `adam`, or `muon` for matrices and filters with Adam for all other parameters. */
export const optimizerNames = ['adam', 'muon'] as const;
export type OptimizerName = (typeof optimizerNames)[number];
