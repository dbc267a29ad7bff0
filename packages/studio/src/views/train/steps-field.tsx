import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { setParameters } from '../../state/address.js';

/** How long to train. */
export function StepsField({ steps }: { readonly steps: number }): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Steps</label>
      <input
        id={id}
        class="input"
        type="number"
        min={1}
        value={steps}
        onChange={(event) => {
          setParameters({ steps: event.currentTarget.value });
        }}
      />
    </div>
  );
}
