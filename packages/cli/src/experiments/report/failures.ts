import { createNoiseSchedule, type NoiseScheduleName } from 'ts-diffusion/diffusion';
import { type PlannedCell, settingOf } from '../planned-cells.js';
import { inceptionOf, number, scoreOf, type CellResult } from './results.js';

/**
 * An Inception score of 1 is that of images of which the classifier thinks the same, whatever it thinks; ten classes that are told apart
 * score 10. White squares score 1.0 to 1.1, and digits of the worst model that was measured 3.6, even with the evaluator's wrong range.
 */
const LEAST_INCEPTION = 1.5;
/** Share of pixels that would have to change their grey level: 0.9 of white squares, below 0.2 of digits. */
const MOST_GREY_DIFFERENCE = 0.5;
const GREY_LEVELS = 'Grey levels, total variation';

/** Why the images of a cell are no digits at all; undefined where they are digits, good or bad. From its receipt alone. */
export function failureOf(result: CellResult): string | undefined {
  const inception = inceptionOf(result)?.value;
  const grey = scoreOf(result, GREY_LEVELS)?.value;
  if (inception === undefined || inception >= LEAST_INCEPTION) return undefined;
  if (grey !== undefined && grey <= MOST_GREY_DIFFERENCE) return undefined;
  const pixels =
    grey === undefined ? '' : `, ${(100 * grey).toFixed(0)} % of the pixels have grey levels that digits do not have`;
  return `no digits: all images are the same to the classifier (Inception score ${number(inception)})${pixels}. ${causeOf(result.planned)}`;
}

function causeOf(planned: PlannedCell): string {
  if (planned.fields['sample.clipX0'] === true)
    return 'The predicted image is clipped: the network has not learnt to draw.';
  const { schedule, timesteps } = settingOf(planned);
  const { alphasCumprod } = createNoiseSchedule(schedule as NoiseScheduleName, timesteps, {
    rescaleBetas: planned.fields['train.rescaleBetas'] === true,
  });
  const scale = Math.sqrt(alphasCumprod[timesteps - 1] as number);
  return (
    `The predicted image is not clipped: where sampling begins, at t = ${timesteps}, the error of the predicted noise is divided by ` +
    `√ᾱ = ${scale.toPrecision(2)}.`
  );
}
