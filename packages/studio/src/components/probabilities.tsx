import type { VNode } from 'preact';

interface ProbabilitiesProps {
  /** One per class. */
  readonly values: ArrayLike<number>;
  /** The class asked for; -1: none. */
  readonly asked: number;
}

/** What the classifier makes of one image. */
export function Probabilities({ values, asked }: ProbabilitiesProps): VNode {
  return (
    <div class="bars">
      {Array.from(values, (value, digit) => (
        <>
          <span class={digit === asked ? 'asked' : ''}>{digit}</span>
          <span class="track">
            <span style={{ width: `${100 * value}%` }} />
          </span>
          <span class="value">{(100 * value).toFixed(value > 0.0995 ? 0 : 1)} %</span>
        </>
      ))}
    </div>
  );
}
