import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** One point of a curve. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** Which curve it belongs to. */
  readonly series: string;
}

/** One measured value with its error bar. */
export interface MeasuredPoint {
  readonly x: number | string;
  readonly y: number;
  /** Half the length of the error bar. */
  readonly error?: number;
  readonly series?: string;
}

export interface AxisLabels {
  readonly x: string;
  readonly y: string;
}

const WIDTH = 640;
const HEIGHT = 320;
const LEGEND_LINE = 15;
const LEGEND_LETTER = 6.5;
const RANKED_WIDTH = 960;
const RANKED_ROW = 24;
const NAME_LETTER = 6.6;
const RANKED_COLOUR = '#1565c0';

/** Curves, the vertical axis logarithmic unless told otherwise: training losses, histograms. */
export function curvePlot(
  points: readonly CurvePoint[],
  labels: AxisLabels,
  { logarithmic = true }: Pick<ErrorBarOptions, 'logarithmic'> = {},
): string {
  return svg({
    x: { label: labels.x },
    y: logarithmic ? logarithmicAxis(labels.y) : { label: labels.y, grid: true, zero: true },
    marks: [Plot.lineY(points, { x: 'x', y: 'y', stroke: 'series' }), ...legend(points)],
    ...legendMargin(points),
  });
}

export interface ErrorBarOptions {
  /** The real-vs-real floor, a dashed line. */
  readonly floor?: number | undefined;
  /** Whether the vertical axis is logarithmic. */
  readonly logarithmic?: boolean;
  /** What the values are means of: small, without error bars. */
  readonly parts?: readonly MeasuredPoint[];
}

/** Values with error bars over a category or a number. */
export function errorBarPlot(
  points: readonly MeasuredPoint[],
  labels: AxisLabels,
  { floor, logarithmic = false, parts = [] }: ErrorBarOptions = {},
): string {
  const categorical = points.some(({ x }) => typeof x === 'string');
  const series = points.map((point) => ({ ...point, series: point.series ?? labels.y }));
  const ends = points.flatMap(({ y, error = 0 }) => [y, y - error]);
  // A logarithmic axis has no zero: a bar that reaches it goes a little below all that is on the axis.
  const bottom = logarithmic ? 0.8 * Math.min(...ends.filter((end) => end > 0)) : -Infinity;
  const low = (point: MeasuredPoint): number => Math.max(point.y - (point.error ?? 0), bottom);
  const high = (point: MeasuredPoint): number => point.y + (point.error ?? 0);
  return svg({
    x: {
      label: labels.x,
      ...(categorical ? { type: 'point', padding: 0.5, domain: points.map(({ x }) => x) } : { nice: true, inset: 10 }),
    },
    y: logarithmic ? logarithmicAxis(labels.y) : { label: labels.y, grid: true, zero: true },
    marks: [
      ...(floor === undefined ? [] : [Plot.ruleY([floor], { strokeDasharray: '4 3', stroke: 'currentColor' })]),
      ...(floor === undefined
        ? []
        : [Plot.text([floor], { y: (y: number) => y, text: () => 'real vs real', frameAnchor: 'right', dy: -6 })]),
      ...(categorical
        ? []
        : [Plot.lineY(series, { x: 'x', y: 'y', z: 'series', stroke: 'series', strokeOpacity: 0.5 })]),
      Plot.ruleX(series, { x: 'x', y1: low, y2: high, stroke: 'series', strokeWidth: 2 }),
      Plot.dot(series, { x: 'x', y: 'y', fill: 'series', r: 4 }),
      Plot.dot(parts, { x: 'x', y: 'y', stroke: 'series', r: 2.5 }),
      ...legend(series),
    ],
    ...legendMargin(series),
  });
}

/** A name with its value. */
export interface RankedPoint {
  readonly name: string;
  readonly value: number;
  /** Half the length of the error bar. */
  readonly error: number;
}

/** Values with error bars, one below the other in the given order, each beside its name. */
export function rankedPlot(points: readonly RankedPoint[], label: string): string {
  const names = points.map(({ name }) => name);
  return svg(
    {
      marginLeft: 16 + NAME_LETTER * Math.max(...names.map((name) => name.length)),
      x: { label, grid: true, nice: true, inset: 8 },
      y: { domain: names, type: 'point', label: null, padding: 0.6 },
      marks: [
        Plot.ruleY(points, {
          y: 'name',
          x1: ({ value, error }: RankedPoint) => value - error,
          x2: ({ value, error }: RankedPoint) => value + error,
          stroke: RANKED_COLOUR,
          strokeWidth: 2,
        }),
        Plot.dot(points, { y: 'name', x: 'value', fill: RANKED_COLOUR, r: 4.5 }),
      ],
      style: { background: 'none', fontSize: '12px' },
    },
    { width: RANKED_WIDTH, height: 60 + RANKED_ROW * points.length },
  );
}

const logarithmicAxis = (label: string): Plot.ScaleOptions => {
  const axis = { label, type: 'log', grid: true, ticks: 5, tickFormat: shortNumber } as const;
  return axis;
};

type InSeries = readonly { readonly series: string }[];
const seriesOf = (points: InSeries): string[] => [...new Set(points.map(({ series }) => series))];

/** Names beside the plot in the colours of their series: Plot's own legends are HTML, which a file of SVG cannot hold. */
function legend(points: InSeries): Plot.Markish[] {
  const names = seriesOf(points);
  if (names.length < 2) return [];
  return names.map((name, i) =>
    Plot.text([name], {
      text: (each: string) => each,
      fill: (each: string) => each,
      frameAnchor: 'top-right',
      textAnchor: 'start',
      ...{ dx: 12, dy: LEGEND_LINE * i, fontWeight: 600 },
    }),
  );
}

function legendMargin(points: InSeries): { marginRight?: number } {
  const names = seriesOf(points);
  return names.length < 2 ? {} : { marginRight: 24 + LEGEND_LETTER * Math.max(...names.map((each) => each.length)) };
}

/**
 * Counts of images by the label asked for (rows) and the class seen (columns); shading is by share of the row.
 *
 * @param counts [classes][classes]
 */
export function confusionPlot(counts: readonly (readonly number[])[]): string {
  const cells = counts.flatMap((row, asked) => {
    const total = row.reduce((a, b) => a + b, 0) || 1;
    return row.map((count, seen) => ({ asked, seen, count, share: count / total }));
  });
  return svg(
    {
      padding: 0.06,
      x: { label: 'class seen', type: 'band', axis: 'top' },
      y: { label: 'label asked for', type: 'band' },
      color: { type: 'sqrt', scheme: 'blues', domain: [0, 1] },
      marks: [
        Plot.cell(cells, { x: 'seen', y: 'asked', fill: 'share' }),
        Plot.text(cells, {
          x: 'seen',
          y: 'asked',
          text: ({ count }: { count: number }) => (count === 0 ? '' : String(count)),
          fill: ({ share }: { share: number }) => (share > 0.4 ? 'white' : 'black'),
        }),
      ],
    },
    { width: 460, height: 440 },
  );
}

/** A plot as a file of its own: where there is no page, it needs a namespace and a background. */
export function standaloneSvg(svg: string): string {
  const namespaced = svg.includes('xmlns=') ? svg : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
  return namespaced.replace(/(<svg[^>]*>)/, '$1<rect width="100%" height="100%" fill="white"/>');
}

/** Every tick gets its number; Plot's own format for logarithms leaves most of them out. */
const shortNumber = (value: number): string => String(Number(value.toPrecision(2)));

/** Plot's figure as text that stands alone in an HTML page, in the page's own text colour. */
function svg(options: Plot.PlotOptions, size = { width: WIDTH, height: HEIGHT }): string {
  const { document } = parseHTML('<html><body></body></html>');
  const element = Plot.plot({
    document,
    ...size,
    marginLeft: 56,
    marginBottom: 42,
    style: { background: 'none' },
    ...options,
  });
  return element.outerHTML;
}
