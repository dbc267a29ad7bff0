import { currentMetricName } from 'ts-diffusion/evaluation';
import type { MetricsLine, WatchedLine } from 'ts-diffusion/train';
import type { Point } from '../../components/line-chart.js';

/** The curves of every run. */
const metricNames = ['loss', 'learningRate', 'msPerStep'] as const;
type MetricName = (typeof metricNames)[number];

type Line = MetricsLine | WatchedLine;

/** The curves of these lines: those of every run, the validation loss and scores by their names where there are any. */
export function curveNames(lines: Iterable<readonly Line[]>): string[] {
  const watched = new Set<string>();
  for (const run of lines) {
    for (const line of run) {
      if (line.loss !== undefined) continue;
      if (line.validationLoss !== undefined) watched.add('validationLoss');
      for (const name of Object.keys(line.scores ?? {})) watched.add(currentMetricName(name));
    }
  }
  return [...metricNames, ...watched];
}

function valueOf(line: Line, curve: string): number | undefined {
  if (line.loss !== undefined)
    return metricNames.some((name) => name === curve) ? line[curve as MetricName] : undefined;
  if (curve === 'validationLoss') return line.validationLoss;
  return Object.entries(line.scores ?? {}).find(([name]) => currentMetricName(name) === curve)?.[1];
}

/** More than a screen has pixels would only be slow. */
const POINTS_AT_MOST = 600;

/**
 * The curve of one metric of a run, smoothed as an exponential moving average whose first values are not drawn towards
 * zero, and thinned to what a screen can show.
 *
 * @param smoothing weight of the past, 0 (none) to below 1
 */
export function seriesOf(lines: readonly Line[], curve: string, smoothing: number): Point[] {
  let [sum, weight] = [0, 0];
  const points = lines.flatMap((line): Point[] => {
    const value = valueOf(line, curve);
    if (value === undefined) return [];
    sum = smoothing * sum + (1 - smoothing) * value;
    weight = smoothing * weight + (1 - smoothing);
    return [[line.step, sum / weight]];
  });
  const stride = Math.ceil(points.length / POINTS_AT_MOST);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}
