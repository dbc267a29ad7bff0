import type { VNode } from 'preact';
import type { MetricsLine, WatchedLine } from 'ts-diffusion/train';
import { Legend, seriesColor } from '../../components/legend.js';
import { LineChart } from '../../components/line-chart.js';
import { Choices, Slider } from '../../components/fields.js';
import { choiceIn, numberIn, setParameters, useAddress } from '../../state/address.js';
import { curveNames, seriesOf } from './series.js';

const titles: Readonly<Record<string, string>> = {
  loss: 'Loss',
  learningRate: 'Learning rate',
  msPerStep: 'ms per step',
  validationLoss: 'Validation loss',
};

/** Scores have their names in receipts. */
const titleOf = (curve: string): string => titles[curve] ?? curve;

interface CurvesProps {
  readonly names: readonly string[];
  readonly metrics: ReadonlyMap<string, readonly (MetricsLine | WatchedLine)[]>;
}

/** The metrics of one or several runs over their steps, as they come in. */
export function Curves({ names, metrics }: CurvesProps): VNode {
  const address = useAddress();
  const curves = curveNames(names.map((name) => metrics.get(name) ?? []));
  const metric = choiceIn(address, 'metric', curves as [string, ...string[]]);
  const scale = choiceIn(address, 'scale', ['log', 'linear'] as const);
  const smoothing = numberIn(address, 'smooth', 0.6, 0, 0.98);
  const series = names.map((name, i) => ({
    color: seriesColor(i),
    points: seriesOf(metrics.get(name) ?? [], metric, smoothing),
  }));
  const points = series.flatMap((each) => each.points);
  const logarithmic = scale === 'log' && points.every(([, value]) => value > 0);
  return (
    <section class="panel" aria-label="Curves">
      <div class="row between">
        <Choices
          label="Curve"
          options={curves.map((name) => [name, titleOf(name)] as const)}
          chosen={[metric]}
          onToggle={(value) => {
            setParameters({ metric: value });
          }}
        />
        <Choices
          label="Scale"
          options={[
            ['log', 'log'],
            ['linear', 'linear'],
          ]}
          chosen={[scale]}
          onToggle={(value) => {
            setParameters({ scale: value });
          }}
        />
        <Slider
          label="Smoothing"
          value={smoothing}
          min={0}
          max={0.98}
          step={0.02}
          onChange={(value) => {
            setParameters({ smooth: String(value) });
          }}
        />
      </div>
      <Legend names={names} />
      {points.length === 0 ? (
        <p class="status" style={{ minHeight: '288px' }}>
          No metrics yet.
        </p>
      ) : (
        <LineChart
          label={`${titleOf(metric)} of ${names.join(', ')} over training steps`}
          series={series}
          x={{ label: 'step' }}
          y={{ label: titleOf(metric), logarithmic }}
        />
      )}
    </section>
  );
}
