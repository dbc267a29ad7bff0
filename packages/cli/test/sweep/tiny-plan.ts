/** What a plan may differ in from the smallest one. */
export interface TinyPlan {
  readonly steps?: number;
  /** Default: the embedded digits. */
  readonly data?: string;
  /** Images of each cell. */
  readonly count?: number;
  /** Lines of `axes`. */
  readonly axes?: readonly string[];
  /** Further lines. */
  readonly others?: readonly string[];
}

/** A plan of tiny networks on the embedded digits: seconds for each cell. */
export const tinyPlan = ({
  steps = 30,
  data = 'embedded',
  count = 20,
  axes = ['train.schedule: [linear, cosine]'],
  others = [],
}: TinyPlan): string =>
  `title: Tiny networks
base: { preset: quick }
train:
  data: ${data}
  channels: [8, 16]
  timesteps: 20
  steps: ${steps}
  batchSize: 8
  warmupSteps: 5
  toneCurve: 20
sample: { sampler: ddim, samplingSteps: 2, guidanceWeight: 0 }
evaluate: { count: ${count}, bootstrap: 2 }
scores: [frechet, labels]
${others.join('\n')}
axes:
${axes.map((axis) => `  ${axis}\n`).join('')}`;
