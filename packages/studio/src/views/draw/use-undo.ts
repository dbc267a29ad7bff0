import { useEffect, useRef, useState } from 'preact/hooks';

export interface Undo {
  readonly possible: boolean;
  /** Keeps a drawing that is about to change. */
  readonly remember: (before: string) => void;
  readonly undo: () => void;
}

/** Takes back one change of the drawing after the other, by `undo` or Ctrl-Z. */
export function useUndo(restore: (drawing: string) => void): Undo {
  const [past, setPast] = useState<readonly string[]>([]);
  const undo = (): void => {
    const before = past.at(-1);
    if (before === undefined) return;
    setPast(past.slice(0, -1));
    restore(before);
  };
  const newest = useRef(undo);
  newest.current = undo;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const pressed = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      // A text field takes back its own changes.
      if (!pressed || (event.target instanceof HTMLInputElement && event.target.type === 'number')) return;
      event.preventDefault();
      newest.current();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, []);
  return {
    possible: past.length > 0,
    remember: (before) => {
      setPast((all) => [...all, before]);
    },
    undo,
  };
}
