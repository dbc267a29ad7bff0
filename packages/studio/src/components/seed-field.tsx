import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { setParameters } from '../state/address.js';
import { Why } from './fields.js';
import { NumberInput } from './number-input.js';

const LARGEST = 999_999;

/** Which noise to start from. */
export function SeedField({ seed }: { readonly seed: number }): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Seed</label>
      <div class="row" style={{ flexWrap: 'nowrap' }}>
        <NumberInput
          id={id}
          min={0}
          max={LARGEST}
          value={seed}
          onChange={(text) => {
            setParameters({ seed: text });
          }}
        />
        <button
          type="button"
          class="button"
          onClick={() => {
            setParameters({ seed: String(Math.floor(Math.random() * (LARGEST + 1))) });
          }}
        >
          New seed
        </button>
      </div>
      <Why summary="What is a seed?">
        <p>
          A seed fixes the random noise. The same seed with the same settings gives the same images, so a link to this
          page shows them to everybody.
        </p>
      </Why>
    </div>
  );
}
