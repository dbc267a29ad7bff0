import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export type Point = readonly [x: number, y: number];

export interface Series {
  /** A CSS colour. */
  readonly color: string;
  readonly points: readonly Point[];
}

interface Axis {
  readonly label: string;
  /** Default: as far as the points reach, to round numbers. */
  readonly domain?: readonly [number, number];
}

interface LineChartProps {
  /** What the chart shows, for who cannot see it. */
  readonly label: string;
  readonly series: readonly Series[];
  readonly x: Axis;
  /** `format` is d3-format's, by default with as many digits as are needed. Values beyond a given domain lie on its edge. */
  readonly y: Axis & { readonly logarithmic?: boolean; readonly format?: string };
  /** Where to draw a vertical line. */
  readonly marked?: number;
  /** In CSS pixels. */
  readonly height?: number;
}

const MARGIN = { left: 56, right: 20, top: 28, bottom: 38 };
const PIXELS_PER_TICK = { x: 80, y: 50 };
const TICK = 6;

/** Curves over a horizontal axis, as wide as there is room. */
export function LineChart({ label, height = 288, ...drawing }: LineChartProps): VNode {
  const container = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
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
  return (
    <div class="chart" role="img" aria-label={label} ref={container} style={{ minHeight: `${height}px` }}>
      {width > 0 && <Drawing {...drawing} width={width} height={height} />}
    </div>
  );
}

type DrawingProps = Omit<LineChartProps, 'label' | 'height'> & { readonly width: number; readonly height: number };

function Drawing({ series, x, y, marked, width, height }: DrawingProps): VNode {
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  const points = series.flatMap((each) => each.points);
  const across = scaleLinear(x.domain ?? extentOf(points, 0, 1), [left, right]);
  const up = (y.logarithmic === true ? scaleLog : scaleLinear)(y.domain ?? extentOf(points, 1), [bottom, top]);
  if (y.domain === undefined) up.nice();
  else up.clamp(true);
  const count = { x: (right - left) / PIXELS_PER_TICK.x, y: (bottom - top) / PIXELS_PER_TICK.y };
  const [xText, yText] = [across.tickFormat(count.x), up.tickFormat(count.y, y.format ?? '~g')];
  const path = line<Point>(
    ([at]) => across(at),
    ([, value]) => up(value),
  );
  return (
    // Its parts are no help to who cannot see them; the label is the container's.
    <svg width={width} height={height} aria-hidden="true">
      <text class="name" x={0} y={12}>
        ↑ {y.label}
      </text>
      <text class="name" x={right} y={height - 4} text-anchor="end">
        {x.label} →
      </text>
      {up.ticks(count.y).map((value) => (
        <g key={value}>
          <line class="grid" x1={left} x2={right} y1={up(value)} y2={up(value)} />
          <text x={left - TICK} y={up(value)} dy="0.32em" text-anchor="end">
            {yText(value)}
          </text>
        </g>
      ))}
      {across.ticks(count.x).map((at) => (
        <g key={at}>
          <line class="tick" x1={across(at)} x2={across(at)} y1={bottom} y2={bottom + TICK} />
          <text x={across(at)} y={bottom + 2 * TICK} dy="0.5em" text-anchor="middle">
            {xText(at)}
          </text>
        </g>
      ))}
      {marked !== undefined && <line class="marked" x1={across(marked)} x2={across(marked)} y1={top} y2={bottom} />}
      {series.map(({ color, points: curve }, i) => (
        <path key={i} class="curve" d={path(curve) ?? ''} stroke={color} />
      ))}
    </svg>
  );
}

/** From the least to the greatest coordinate. One value alone lies in the middle, and without any there is room for some. */
function extentOf(points: readonly Point[], coordinate: 0 | 1, slack = 0): [number, number] {
  if (points.length === 0) return [1, 10];
  const values = points.map((point) => point[coordinate]);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least < most) return [least, most];
  return slack > 0 ? [least - slack, most + slack] : [0.5 * least, 2 * most];
}
