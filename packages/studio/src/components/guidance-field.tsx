import type { VNode } from 'preact';
import { Slider, Why } from './fields.js';
import { guidanceEquation, type Prediction } from './equations.js';
import { Formula } from './formula.js';

export const LARGEST_OMEGA = 6;

interface GuidanceFieldProps {
  readonly omega: number;
  /** What the network predicts. */
  readonly prediction: Prediction;
  readonly onChange: (omega: number) => void;
}

/** How much the class counts. */
export function GuidanceField({ omega, prediction, onChange }: GuidanceFieldProps): VNode {
  return (
    <Slider
      label="Guidance ω"
      value={omega}
      min={0}
      max={LARGEST_OMEGA}
      step={0.05}
      format={(value) => value.toFixed(2)}
      onChange={onChange}
    >
      <Why summary="What does guidance do?">
        <p>
          The network predicts twice, with and without the class, and the sampler goes further in the direction in which
          the two differ (equation 6). More guidance makes digits clearer and more alike.
        </p>
        <Formula equation={guidanceEquation(prediction)} />
      </Why>
    </Slider>
  );
}
