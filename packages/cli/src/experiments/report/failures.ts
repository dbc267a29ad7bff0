import { createNoiseSchedule, type NoiseScheduleName } from 'ts-diffusion/diffusion';
import { type PlannedCell, settingOf } from '../planned-cells.js';
import type { ReportSource } from './report-source.js';
import { inceptionOf, number, protocolResult, scoreOf, type CellResult } from './results.js';

/**
 * An Inception score of 1 is that of images of which the classifier thinks the same, whatever it thinks; ten classes that are told apart
 * score 10. White squares score 1.0 to 1.1, black and white noise 1.2, and the worst digits of docs/results/study-quarter-width.md 3.6, with the
 * evaluator's wrong range.
 */
const LEAST_INCEPTION = 1.5;
/** Total variation between the grey levels of samples and of digits: 0.25 of the package's model `paper`, 0.68 of such noise, 0.98 of white squares. */
const MOST_GREY_DIFFERENCE = 0.6;
const GREY_LEVELS = 'Grey levels, total variation';

/**
 * Why the images of a cell are no digits; undefined where they are, good or bad. It takes two scores of the receipt: to the classifier all
 * images are the same, and their grey levels are not those of digits.
 */
export function failureOf(source: ReportSource, result: CellResult): string | undefined {
  if (!areNoDigits(result)) return undefined;
  const [inception, grey] = [inceptionOf(result), scoreOf(result, GREY_LEVELS)];
  return (
    `all images are the same to the classifier (Inception score ${number(inception?.value ?? 0)}), and their grey levels are not those ` +
    `of digits (total variation ${number(grey?.value ?? 0)}). ${causeOf(source, result.planned)}`
  );
}

function areNoDigits(result: CellResult): boolean {
  const inception = inceptionOf(result)?.value ?? Infinity;
  const grey = scoreOf(result, GREY_LEVELS)?.value ?? 0;
  return inception < LEAST_INCEPTION && grey > MOST_GREY_DIFFERENCE;
}

/** Clipping is told to be the cause only where the same schedule draws digits with it. */
function causeOf(source: ReportSource, planned: PlannedCell): string {
  if (planned.fields['sample.clipX0'] === true) {
    return 'The predicted image is clipped, so that the network has learnt too little, or its guidance weight is too large.';
  }
  const setting = settingOf(planned);
  const { alphasCumprod } = createNoiseSchedule(setting.schedule as NoiseScheduleName, setting.timesteps, {
    rescaleBetas: planned.fields['train.rescaleBetas'] === true,
  });
  const scale = Math.sqrt(alphasCumprod[setting.timesteps - 1] as number).toExponential(1);
  const unclipped =
    `The predicted image is not clipped: where sampling begins, at t = ${setting.timesteps}, the error of the predicted noise is divided ` +
    `by √ᾱ = ${scale}.`;
  const clipped = protocolResult(source, 'corrected', setting);
  if (clipped === null) return unclipped;
  return areNoDigits(clipped)
    ? `${unclipped} The corrected protocol, which clips it, draws no digits either: the network may have learnt too little.`
    : `${unclipped} The corrected protocol, which clips it, draws digits.`;
}
