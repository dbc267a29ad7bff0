import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

interface NumberInputProps {
  readonly id: string;
  readonly min: number;
  readonly max?: number;
  readonly value: number;
  /** Called when the user has finished typing, with the text as typed. */
  readonly onChange: (text: string) => void;
}

/** A number to type. Unfinished text is kept when the page is drawn again around it, as it is while images are computed. */
export function NumberInput({ id, min, max, value, onChange }: NumberInputProps): VNode {
  const [unfinished, setUnfinished] = useState<string>();
  return (
    <input
      id={id}
      class="input"
      type="number"
      min={min}
      max={max}
      value={unfinished ?? value}
      onInput={(event) => {
        setUnfinished(event.currentTarget.value);
      }}
      onChange={(event) => {
        setUnfinished(undefined);
        onChange(event.currentTarget.value);
      }}
      // Typing that ends with what was there before is no change.
      onBlur={() => {
        setUnfinished(undefined);
      }}
    />
  );
}
