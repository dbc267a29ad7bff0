import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Question, type QuestionProps } from './question.js';

interface ConfirmButtonProps extends QuestionProps {
  readonly label: string;
  readonly class: string;
  readonly disabled?: boolean;
  readonly onConfirm: () => void;
}

/** A button that asks before it does what cannot be undone. */
export function ConfirmButton({ label, disabled = false, onConfirm, ...props }: ConfirmButtonProps): VNode {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class={props.class}
        disabled={disabled}
        onClick={() => {
          setAsking(true);
        }}
      >
        {label}
      </button>
      {asking && (
        <Question
          {...props}
          onAnswer={(confirmed) => {
            setAsking(false);
            if (confirmed) onConfirm();
          }}
        />
      )}
    </>
  );
}
