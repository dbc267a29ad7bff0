import type { VNode } from 'preact';

/** Says what a link asks for that cannot be shown. */
export function LinkNotes({ notes }: { readonly notes: readonly string[] }): VNode | null {
  if (notes.length === 0) return null;
  return (
    <div class="notice" role="alert">
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </div>
  );
}
