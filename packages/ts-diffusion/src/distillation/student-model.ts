import { DISTILLED_SAMPLING } from '../pipeline/distilled.js';
import type { PipelineModel } from '../pipeline/pipeline-model.js';
import type { DistillConfig } from './distill-config.js';
import type { StudentNetwork } from './student-network.js';

/** Guidance weight ω of a student whose teacher has none of its own. */
const GUIDANCE_WEIGHT = 0.3;

/**
 * A student as a model that samples like any other: in the most steps that it has learnt, unless asked otherwise, and guided as its
 * teacher is. It has no tone curve: that of its teacher is for other images.
 */
export function studentModel(
  teacher: PipelineModel,
  { model, parameters }: StudentNetwork,
  { steps, largestGuidanceWeight }: Pick<DistillConfig, 'steps' | 'largestGuidanceWeight'>,
): PipelineModel {
  const { schedule, seenClasses, classNames, trainedOn, sampling } = teacher;
  const wanted = sampling?.guidanceWeight ?? teacher.guidanceWeight ?? GUIDANCE_WEIGHT;
  const guidanceWeight = Math.min(largestGuidanceWeight, wanted);
  const samplingSteps = Math.max(...steps);
  return {
    ...{ model, parameters, schedule, seenClasses, classNames, trainedOn },
    prediction: 'x0',
    sampling: { ...DISTILLED_SAMPLING, samplingSteps, guidanceWeight },
    drawingSteps: steps,
  };
}
