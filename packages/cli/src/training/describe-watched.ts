import type { DividedImages, TrainConfig, TrainingEvent } from 'ts-diffusion/train';

const digits = (value: number): string => String(Number(value.toPrecision(4)));

/** Lines on what is watched in a training, before it begins. */
export function describeWatching(config: TrainConfig, { training, validation }: DividedImages): string[] {
  const { validateEvery, evaluateEvery, evaluateSamples, classBalance } = config;
  const loss = validateEvery === 0 ? '' : `; their loss every ${validateEvery} steps`;
  const against = validation ? 'validation' : 'training';
  return [
    ...(validation ? [`validation     ${validation.count} images, ${training.count} to train on${loss}`] : []),
    ...(classBalance ? ['class balance  all classes are drawn equally often'] : []),
    ...(evaluateEvery > 0
      ? [`evaluation     ${evaluateSamples} samples against ${against} images every ${evaluateEvery} steps`]
      : []),
  ];
}

/** A line on weights that were looked at. */
export function describeWatched(event: Extract<TrainingEvent, { readonly type: 'watched' }>): string {
  const { step, validationLoss, scores = {}, best } = event;
  const found = [
    ...(validationLoss === undefined ? [] : [`validation loss ${digits(validationLoss)}`]),
    ...Object.entries(scores).map(([name, value]) => `${name} ${digits(value)}`),
  ];
  return `step ${step}: ${found.join(', ')}${best ? ' (best so far)' : ''}`;
}
