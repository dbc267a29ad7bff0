import type { VNode } from 'preact';
import type { Dataset } from 'ts-diffusion/data';
import { LineChart } from '../../components/line-chart.js';
import { Tile } from '../../components/tile.js';
import type { TrainingProgress } from '../../state/training.js';

const POINTS_AT_MOST = 400;

/** What a digit of the package is like. */
const DIGIT: Pick<Dataset, 'height' | 'channels' | 'classNames'> = { height: 28 };

interface ProgressProps {
  readonly progress: TrainingProgress;
}

/** How the training is doing. */
export function Progress({ progress }: ProgressProps): VNode {
  const { digits, pictures, step, steps, milliseconds, losses, samples, samplesStep, savedStep, parameters, threads } =
    progress;
  const { height: side, channels = 1, classNames: names } = pictures ?? DIGIT;
  const pixels = channels * side * side;
  const stride = Math.ceil(losses.length / POINTS_AT_MOST) || 1;
  const points = losses.filter((_, i) => i % stride === 0);
  return (
    <>
      <section class="panel" aria-label="Numbers">
        <dl class="numbers wide">
          <Figure name="Step" value={`${step.toLocaleString('en')} / ${steps.toLocaleString('en')}`} />
          <Figure name="Loss" value={losses.at(-1)?.[1].toFixed(3) ?? '–'} />
          <Figure name="Steps per second" value={milliseconds === undefined ? '–' : (1000 / milliseconds).toFixed(1)} />
          <Figure name="Saved at step" value={savedStep.toLocaleString('en')} />
        </dl>
        <span
          class="progress"
          role="progressbar"
          aria-label="Training"
          aria-valuenow={step}
          aria-valuemin={0}
          aria-valuemax={steps}
        >
          <span style={{ width: `${steps === 0 ? 0 : (100 * step) / steps}%` }} />
        </span>
        <p class="status network">
          {parameters === 0
            ? 'Preparing.'
            : `${parameters.toLocaleString('en')} parameters, ${threads} thread${threads === 1 ? '' : 's'}, ${progress.images.toLocaleString('en')} images.`}
        </p>
      </section>
      <section class="panel" aria-label="Samples">
        <h2>{samplesStep === undefined ? 'Samples' : `Samples at step ${samplesStep.toLocaleString('en')}`}</h2>
        <div class="tiles" style={{ gridTemplateColumns: `repeat(${Math.min(5, digits.length)}, 1fr)` }}>
          {digits.map((digit, i) => (
            <Tile
              key={i}
              side={side}
              pixels={samples?.subarray(i * pixels, (i + 1) * pixels)}
              label={names?.[digit] ?? (pictures ? `image ${i + 1}` : `a ${digit}`)}
            />
          ))}
        </div>
      </section>
      <section class="panel" aria-label="Loss">
        <h2>Loss</h2>
        <LineChart
          label="Loss over training steps, on a logarithmic scale"
          series={[{ color: 'var(--series-1)', points }]}
          x={{ label: 'step', domain: [0, Math.max(10, step)] }}
          y={{ label: 'loss', logarithmic: true }}
          height={240}
        />
      </section>
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
