import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { NumberInput } from '../../components/number-input.js';
import { setParameters } from '../../state/address.js';

/** How long to train. */
export function StepsField({ steps }: { readonly steps: number }): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Steps</label>
      <NumberInput
        id={id}
        min={1}
        value={steps}
        onChange={(text) => {
          setParameters({ steps: text });
        }}
      />
    </div>
  );
}
