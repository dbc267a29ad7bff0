/** Everything that decides what a distillation computes. */
export interface DistillConfig {
  readonly drawingSteps: readonly number[];
  readonly updates: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly warmupUpdates: number;
  readonly fakeLearningRate: number;
  readonly fakeUpdates: number;
  readonly regressionUpdates: number;
  readonly regressionLearningRate: number;
  readonly regressionImages: number;
  readonly largestGuidanceWeight: number;
  readonly emaDecay: number;
  readonly adamBeta1: number;
  readonly adamBeta2: number;
  readonly seed: number;
}
