import type { VNode } from 'preact';
import { Slider, Why } from './fields.js';
import { guidanceEquation, type Prediction } from './equations.js';
import { Formula } from './formula.js';

export const LARGEST_OMEGA = 6;

interface GuidanceFieldProps {
  readonly omega: number;
  /** What the network predicts. */
  readonly prediction: Prediction;
  /** The largest weight that the model takes; default: the page's own limit. */
  readonly largest?: number | undefined;
  readonly onChange: (omega: number) => void;
}

/** How much the class counts. */
export function GuidanceField({ omega, prediction, largest = LARGEST_OMEGA, onChange }: GuidanceFieldProps): VNode {
  return (
    <Slider
      label="Guidance ω"
      value={omega}
      min={0}
      max={largest}
      step={0.05}
      format={(value) => value.toFixed(2)}
      onChange={onChange}
    >
      <Why summary="What does guidance do?">
        <p>
          The network predicts twice, with and without the class label. Guidance extrapolates along the difference of
          the two predictions (equation 6). A larger weight makes digits clearer and less varied.
        </p>
        <Formula equation={guidanceEquation(prediction)} />
      </Why>
    </Slider>
  );
}
