import type { PlotOptions } from '@observablehq/plot';
import type * as PlotParts from './plot-parts.js';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

type Plot = typeof PlotParts;

interface ChartProps {
  /** What the chart shows, for who cannot see it. */
  readonly label: string;
  readonly options: (plot: Plot) => PlotOptions;
  /** Says when the chart is another one. */
  readonly version: unknown;
  readonly height?: number;
}

/** The library is loaded with the first chart. */
let library: Promise<Plot> | undefined;

/** A chart by Observable Plot, as wide as there is room. */
export function Chart({ label, options, version, height = 288 }: ChartProps): VNode {
  const container = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<Plot>();
  const [width, setWidth] = useState(0);

  useEffect(() => {
    library ??= import('./plot-parts.js');
    library.then(
      (loaded) => {
        setPlot(() => loaded);
      },
      () => {
        // The next chart tries again.
        library = undefined;
        container.current?.replaceChildren('The chart could not be loaded: the server does not answer.');
      },
    );
  }, []);

  useEffect(() => {
    const element = container.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      setWidth(Math.floor(entry?.contentRect.width ?? 0));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  useEffect(() => {
    if (!plot || width === 0) return;
    const style = { fontSize: '12px', color: 'var(--ink-soft)' };
    const drawing = plot.plot({
      width,
      height,
      marginLeft: 56,
      marginRight: 20,
      marginBottom: 38,
      style,
      ...options(plot),
    });
    // Its parts carry labels of their own that are no help; the label of the whole is the container's.
    drawing.setAttribute('aria-hidden', 'true');
    container.current?.replaceChildren(drawing);
  }, [plot, width, height, version]);

  return <div class="chart" role="img" aria-label={label} ref={container} style={{ minHeight: `${height}px` }} />;
}

/** The colour of the nth series. */
export const seriesColor = (index: number): string => `var(--series-${(index % 6) + 1})`;

interface LegendProps {
  readonly names: readonly string[];
}

export function Legend({ names }: LegendProps): VNode {
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
