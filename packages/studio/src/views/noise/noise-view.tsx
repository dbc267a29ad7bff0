import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { loadEmbeddedDigits } from 'ts-diffusion/data';
import { Chart, Legend, seriesColor } from '../../components/chart.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { Formula } from '../../components/formula.js';
import { SaveButton } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { Tile } from '../../components/tile.js';
import { joinBytes } from '../../engine/join-bytes.js';
import { choiceIn, numberIn, setParameters, useAddress } from '../../state/address.js';
import { useAsync } from '../../state/use-async.js';
import { columnsOf, exampleOf, noisedRows, noiseScheduleNames, signalToNoiseCurves } from './noising.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const LENGTHS = ['1000', '4000', '500', '100'] as const;
const COLUMNS = 9;
const SIDE = 28;

/** The forward process, Figure 1 alive. */
export default function NoiseView(): VNode {
  const address = useAddress();
  const digit = numberIn(address, 'digit', 7, 0, 9);
  const nth = numberIn(address, 'nth', 0, 0, 11);
  const seed = numberIn(address, 'seed', 0, 0, 999_999);
  const T = Number(choiceIn(address, 'T', LENGTHS));
  const t = Math.min(T, numberIn(address, 't', Math.round(T / 4), 0, T));
  const { value: examples, failure } = useAsync(() => loadEmbeddedDigits(), 'examples');

  const image = useMemo(() => examples && exampleOf(examples, digit, nth), [examples, digit, nth]);
  const rows = useMemo(() => image && noisedRows(image, seed, T, columnsOf(T, COLUMNS)), [image, seed, T]);
  const now = useMemo(() => image && noisedRows(image, seed, T, [t]), [image, seed, T, t]);
  const curves = useMemo(() => signalToNoiseCurves(T), [T]);

  return (
    <>
      <header>
        <h1>From digit to noise</h1>
        <p class="lead">
          Training shows the model digits with noise mixed in. A schedule says how much at each timestep: too much too
          early, and most of the way is spent in pure noise; this is why the cosine schedule was invented.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Noised images">
          {failure && <FailureNotice failure={failure} />}
          {noiseScheduleNames.map((schedule, row) => (
            <figure key={schedule} class="film">
              <ScheduleName row={row} />
              <div class="tiles" style={{ gridTemplateColumns: `repeat(${COLUMNS}, 1fr)` }}>
                {columnsOf(T, COLUMNS).map((each, column) => (
                  <Tile
                    key={each}
                    side={SIDE}
                    pixels={rows?.[row]?.images[column]}
                    label={`${schedule} schedule, t = ${each}`}
                  />
                ))}
              </div>
            </figure>
          ))}
          <Slider
            label="Timestep t"
            value={t}
            min={0}
            max={T}
            step={1}
            format={(value) => `${value} of ${T}`}
            onChange={(value) => {
              setParameters({ t: String(value) });
            }}
          />
          <div class="tiles" style={{ gridTemplateColumns: `repeat(${noiseScheduleNames.length}, 1fr)` }}>
            {noiseScheduleNames.map((schedule, row) => (
              <figure key={schedule} class="film">
                <Tile side={SIDE} pixels={now?.[row]?.images[0]} label={`${schedule} schedule, t = ${t}, as chosen`} />
                <ScheduleName row={row} />
              </figure>
            ))}
          </div>
          <section class="panel">
            <h2>How much of the digit is left</h2>
            <Legend names={noiseScheduleNames} />
            <Chart
              label={`Signal-to-noise ratio of each schedule over t from 1 to ${T}, on a logarithmic scale`}
              version={`${T} ${t}`}
              options={(plot) => ({
                x: { label: 't', domain: [0, T] },
                y: {
                  type: 'log',
                  label: 'signal-to-noise ratio',
                  grid: true,
                  tickFormat: '.0e',
                  domain: [1e-5, 1e4],
                  clamp: true,
                },
                color: { domain: [...noiseScheduleNames], range: noiseScheduleNames.map((_, i) => seriesColor(i)) },
                marks: [
                  plot.ruleX([t], { stroke: 'var(--line-strong)', strokeDasharray: '3,3' }),
                  plot.line(curves, { x: 't', y: 'signalToNoise', stroke: 'schedule', strokeWidth: 2 }),
                ],
              })}
            />
            <Why summary="What the curve is">
              <p>
                The image x at t is a mixture of digit and noise (equation 4); the ratio of their variances is the
                signal-to-noise ratio. Where the curves cross 1, there is as much noise as digit.
              </p>
              <Formula name="forward" />
              <Formula name="signalToNoise" />
            </Why>
          </section>
        </section>
        <section class="panel" aria-label="Settings">
          <Choices
            label="Digit"
            options={DIGITS.map((each) => [each, String(each)] as const)}
            chosen={[digit]}
            onToggle={(value) => {
              setParameters({ digit: String(value) });
            }}
          />
          <Slider
            label="Which one"
            value={nth}
            min={0}
            max={11}
            step={1}
            format={(value) => String(value + 1)}
            onChange={(value) => {
              setParameters({ nth: String(value) });
            }}
          />
          <Select
            label="Timesteps T"
            value={String(T) as (typeof LENGTHS)[number]}
            options={LENGTHS.map((each) => [each, each] as const)}
            onChange={(value) => {
              setParameters({ T: value, t: undefined });
            }}
          >
            <Why summary="Why T matters">
              <p>
                The linear schedule ends at the same β whatever T is: at T = 4000 its second half is nothing but noise.
                The cosine schedule adapts to T.
              </p>
            </Why>
          </Select>
          <SeedField seed={seed} />
          <SaveButton
            images={rows && joinBytes(rows.flatMap(({ images }) => images))}
            side={SIDE}
            columns={COLUMNS}
            name={`noised-${digit}.png`}
          />
        </section>
      </div>
    </>
  );
}

/** With the colour of its curve. */
function ScheduleName({ row }: { readonly row: number }): VNode {
  return (
    <figcaption>
      <span class="swatch" style={{ background: seriesColor(row) }} /> {noiseScheduleNames[row]}
    </figcaption>
  );
}
