import { EvaluationError } from 'ts-diffusion/errors';
import type { EvaluationNetworks, ImageScorer, ScoredImages } from 'ts-diffusion/evaluation';

/**
 * Makes sure that the networks in the package, which were made for handwritten digits, are not asked about images of another kind.
 *
 * @param command what trains networks for these images
 * @throws EvaluationError for images of another size, in colour, or of more classes
 */
export function checkLikeDigits({ features }: EvaluationNetworks, reference: ScoredImages, command: string): void {
  const { imageSize, classes } = features.network;
  const { width, height, colours, labels } = reference;
  const known = labels?.every((label) => label < classes) ?? true;
  if (width === imageSize && height === imageSize && colours === undefined && known) return;
  throw otherImages('they are made for handwritten digits of 28x28 gray pixels', command);
}

/** @throws EvaluationError for pictures that the networks in the package do not know */
export async function checkDigits(scorer: ImageScorer, command: string): Promise<void> {
  const { KNOWN_ACCURACY } = await import('ts-diffusion/evaluation');
  const accuracy = await scorer.referenceAccuracy();
  if (accuracy === null || accuracy >= KNOWN_ACCURACY) return;
  throw otherImages(`they know handwritten digits, and recognise ${(100 * accuracy).toFixed(1)} % of these`, command);
}

function otherImages(reason: string, command: string): EvaluationError {
  return new EvaluationError(
    `The networks in the package cannot score these images: ${reason}. Train networks for them first: ${command}`,
  );
}
