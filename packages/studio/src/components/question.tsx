import type { VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export interface QuestionProps {
  readonly question: string;
  /** What is lost, and how to keep it. */
  readonly consequence: string;
  /** What the button that does it says. */
  readonly confirm: string;
}

interface AskedQuestionProps extends QuestionProps {
  readonly onAnswer: (confirmed: boolean) => void;
}

/** Asks before something is done that cannot be undone. Escape means no. */
export function Question({ question, consequence, confirm, onAnswer }: AskedQuestionProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="question"
      aria-labelledby={id}
      onClose={(event) => {
        onAnswer(event.currentTarget.returnValue === 'confirm');
      }}
    >
      <h2 id={id}>{question}</h2>
      <p>{consequence}</p>
      <form method="dialog" class="row">
        <button type="submit" class="button" value="cancel">
          Cancel
        </button>
        <button type="submit" class="button danger" value="confirm">
          {confirm}
        </button>
      </form>
    </dialog>
  );
}
