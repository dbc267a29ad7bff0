import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly format?: (value: number) => string;
  readonly onChange: (value: number) => void;
  readonly children?: ComponentChildren;
}

export function Slider({ label, value, min, max, step, format = String, onChange, children }: SliderProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        {label}
        {/* Read out as the slider's value: in its name it would be said twice. */}
        <span class="reading" aria-hidden="true">
          {format(value)}
        </span>
      </label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={format(value)}
        onInput={(event) => {
          onChange(Number(event.currentTarget.value));
        }}
      />
      {children}
    </div>
  );
}

interface ColourProps {
  readonly label: string;
  /** `#rrggbb` */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function Colour({ label, value, onChange }: ColourProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="color"
        class="colour"
        value={value}
        onInput={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
    </div>
  );
}

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
  readonly children?: ComponentChildren;
}

export function Select<T extends string>({ label, value, options, onChange, children }: SelectProps<T>): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value as T);
        }}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      {children}
    </div>
  );
}

interface ChoicesProps<T extends string | number> {
  readonly label: string;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly chosen: readonly T[];
  /** Whether the label is only read aloud. */
  readonly labelHidden?: boolean;
  readonly onToggle: (value: T) => void;
  readonly children?: ComponentChildren;
}

/** Buttons in a row, of which those that are chosen are pressed. */
export function Choices<T extends string | number>(props: ChoicesProps<T>): VNode {
  const { label, options, chosen, labelHidden = false, onToggle, children } = props;
  const id = useId();
  return (
    <div class="field" role="group" aria-labelledby={id}>
      <span class={labelHidden ? 'visually-hidden' : 'name'} id={id}>
        {label}
      </span>
      <div class="choices">
        {options.map(([value, text]) => (
          <button
            key={value}
            type="button"
            aria-pressed={chosen.includes(value)}
            onClick={() => {
              onToggle(value);
            }}
          >
            {text}
          </button>
        ))}
      </div>
      {children}
    </div>
  );
}

/** A short text that is there for who wants it. */
export function Why({ summary, children }: { readonly summary: string; readonly children: ComponentChildren }): VNode {
  return (
    <details class="why">
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
