import type { MetricsLine } from 'ts-diffusion/train';
import type { Point } from '../../components/line-chart.js';

export const metricNames = ['loss', 'learningRate', 'msPerStep'] as const;
export type MetricName = (typeof metricNames)[number];

/** More than a screen has pixels would only be slow. */
const POINTS_AT_MOST = 600;

/**
 * The curve of one metric of a run, smoothed as an exponential moving average whose first values are not drawn towards
 * zero, and thinned to what a screen can show.
 *
 * @param smoothing weight of the past, 0 (none) to below 1
 */
export function seriesOf(lines: readonly MetricsLine[], metric: MetricName, smoothing: number): Point[] {
  let [sum, weight] = [0, 0];
  const points = lines.map((line): Point => {
    sum = smoothing * sum + (1 - smoothing) * line[metric];
    weight = smoothing * weight + (1 - smoothing);
    return [line.step, sum / weight];
  });
  const stride = Math.ceil(points.length / POINTS_AT_MOST);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}
