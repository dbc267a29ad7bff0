import type { VNode } from 'preact';

/** The colour of the nth series. */
export const seriesColor = (index: number): string => `var(--series-${(index % 6) + 1})`;

/** Which colour of a chart is what. */
export function Legend({ names }: { readonly names: readonly string[] }): VNode {
  return (
    <ul class="legend">
      {names.map((name, i) => (
        <li key={name}>
          <span class="swatch" style={{ background: seriesColor(i) }} /> {name}
        </li>
      ))}
    </ul>
  );
}
