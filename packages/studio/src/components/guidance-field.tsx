import type { VNode } from 'preact';
import { Slider, Why } from './fields.js';
import { Formula } from './formula.js';

export const LARGEST_OMEGA = 6;

interface GuidanceFieldProps {
  readonly omega: number;
  readonly onChange: (omega: number) => void;
}

/** How much the class counts. */
export function GuidanceField({ omega, onChange }: GuidanceFieldProps): VNode {
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
      <Why summary="What guidance does">
        <p>
          The model is asked twice, with and without the class, and goes further in the direction in which the two
          differ (equation 6). More makes digits clearer and more alike.
        </p>
        <Formula name="guidance" />
      </Why>
    </Slider>
  );
}
