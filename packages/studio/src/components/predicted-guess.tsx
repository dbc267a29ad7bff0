import type { VNode } from 'preact';
import { Probabilities } from './probabilities.js';
import { Tile } from './tile.js';

interface PredictedGuessProps {
  /** Which image of those shown, from 1. */
  readonly image: number;
  /** The predicted image [side, side], 0..255. */
  readonly predicted: Uint8Array | undefined;
  readonly side: number;
  /** One per class. */
  readonly values: ArrayLike<number>;
  /** The class asked for; -1: none. */
  readonly asked: number;
}

/**
 * What the classifier makes of the image that the model predicts at this step. It was trained on clean digits: what it
 * says of noise would mean nothing, so the image judged is shown beside it.
 */
export function PredictedGuess({ image, predicted, side, values, asked }: PredictedGuessProps): VNode {
  return (
    <section class="panel more" aria-label="Classifier">
      <h2>Classifier's guess for image {image}</h2>
      <div class="guess">
        <figure>
          <Tile side={side} pixels={predicted} label={`predicted image x₀ of image ${image}`} />
          <figcaption class="status">Predicted image x̂₀</figcaption>
        </figure>
        <Probabilities values={values} asked={asked} />
      </div>
      <p class="status">
        The classifier judges the clean image that the model predicts at this step, not the noisy image, because it was
        trained on clean digits only.
      </p>
    </section>
  );
}
