import { createNoiseSchedule, type NoiseScheduleName } from 'ts-diffusion/diffusion';
import { type PlannedCell, settingOf } from '../planned-cells.js';
import { inceptionOf, number, scoreOf, type CellResult } from './results.js';

/**
 * An Inception score of 1 is that of images of which the classifier thinks the same, whatever it thinks; ten classes that are told apart
 * score 10. White squares scored 1.0 to 1.1 (docs/results/study.md), and digits there at least 3.6, with the evaluator's wrong range.
 */
const LEAST_INCEPTION = 1.5;
/** Total variation between the grey levels of samples and of digits, of which four fifths are black: 0.8 is hardly anything in common. */
const MOST_GREY_DIFFERENCE = 0.8;
const GREY_LEVELS = 'Grey levels, total variation';

/**
 * Why the images of a cell are no digits but one picture, as white squares are; undefined where they are images, good or bad. It takes
 * two scores of the receipt: to the classifier they are all the same, and their grey levels are not those of digits.
 */
export function failureOf(result: CellResult): string | undefined {
  const inception = inceptionOf(result)?.value ?? Infinity;
  const grey = scoreOf(result, GREY_LEVELS)?.value ?? 0;
  if (inception >= LEAST_INCEPTION || grey <= MOST_GREY_DIFFERENCE) return undefined;
  return (
    `all images are the same to the classifier (Inception score ${number(inception)}), and their grey levels are not those of digits ` +
    `(total variation ${number(grey)}). ${causeOf(result.planned)}`
  );
}

function causeOf(planned: PlannedCell): string {
  if (planned.fields['sample.clipX0'] === true)
    return 'The predicted image is clipped, so that sampling does not explain it.';
  const { schedule, timesteps } = settingOf(planned);
  const { alphasCumprod } = createNoiseSchedule(schedule as NoiseScheduleName, timesteps, {
    rescaleBetas: planned.fields['train.rescaleBetas'] === true,
  });
  const scale = Math.sqrt(alphasCumprod[timesteps - 1] as number);
  return (
    `The predicted image is not clipped: where sampling begins, at t = ${timesteps}, the error of the predicted noise is divided by ` +
    `√ᾱ = ${scale.toExponential(1)}.`
  );
}
