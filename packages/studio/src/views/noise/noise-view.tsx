import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { loadEmbeddedDigits } from 'ts-diffusion/data';
import { Legend, seriesColor } from '../../components/legend.js';
import { LineChart } from '../../components/line-chart.js';
import { LinkNotes } from '../../components/link-notes.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { forwardEquation, signalToNoiseEquation } from '../../components/equations.js';
import { Formula } from '../../components/formula.js';
import { SaveButton } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { Tile } from '../../components/tile.js';
import { joinBytes } from '../../engine/join-bytes.js';
import { choiceIn, numberIn, setParameters, useAddress } from '../../state/address.js';
import { useCompleteAddress } from '../../state/complete-address.js';
import { useAsync } from '../../state/use-async.js';
import { columnsOf, exampleOf, noisedRows, noiseScheduleNames, signalToNoiseCurves } from './noising.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const LENGTHS = ['1000', '4000', '500', '100'] as const;
const COLUMNS = 9;
const SIDE = 28;

/** The forward process, Figure 1 alive. */
export default function NoiseView(): VNode {
  const address = useAddress();
  const digit = Math.round(numberIn(address, 'digit', 7, 0, 9));
  const nth = Math.round(numberIn(address, 'nth', 0, 0, 11));
  const seed = Math.round(numberIn(address, 'seed', 0, 0, 999_999));
  const T = Number(choiceIn(address, 'T', LENGTHS));
  const t = Math.round(numberIn(address, 't', Math.round(T / 4), 0, T));
  const numbers = { digit, nth, seed, T, t };
  const texts = Object.entries(numbers).map(([name, value]) => [name, String(value)] as const);
  const notes = useCompleteAddress('noise', address, Object.fromEntries(texts));
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
          In training, noise is mixed into the digits. The noise schedule sets how much at each timestep. A schedule
          that adds too much too early wastes most timesteps on pure noise; the cosine schedule avoids this.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Noised images">
          <LinkNotes notes={notes} />
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
            <LineChart
              label={`Signal-to-noise ratio of each schedule over t from 1 to ${T}, on a logarithmic scale`}
              series={curves.map((points, i) => ({ color: seriesColor(i), points }))}
              x={{ label: 't', domain: [0, T] }}
              y={{ label: 'signal-to-noise ratio', logarithmic: true, domain: [1e-5, 1e4], format: '.0e' }}
              marked={t}
            />
            <Why summary="What is the curve?">
              <p>
                The noisy image xₜ is a mixture of digit and noise (equation 4). The signal-to-noise ratio is the ratio
                of their squared weights; where it is 1, both weigh the same.
              </p>
              <Formula equation={forwardEquation} />
              <Formula equation={signalToNoiseEquation} />
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
            label="Example"
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
            <Why summary="Why does T matter?">
              <p>
                The linear schedule has the same range of β for every T: at T = 4000 its second half is pure noise. The
                cosine schedule adapts to T.
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
