import type { VNode } from 'preact';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Select, Why } from '../../components/fields.js';
import { guidanceEquation } from '../../components/equations.js';
import { Formula } from '../../components/formula.js';
import { LinkNotes } from '../../components/link-notes.js';
import { ModelLoading } from '../../components/model-loading.js';
import { ModelPicker } from '../../components/model-picker.js';
import { SaveButton } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { Tile } from '../../components/tile.js';
import { joinBytes } from '../../engine/join-bytes.js';
import type { MapCell } from '../../engine/tasks.js';
import { digitsIn, setParameters, useAddress } from '../../state/address.js';
import { useCompleteAddress } from '../../state/complete-address.js';
import { modelParameters } from '../../state/model-settings.js';
import { useStudio } from '../../state/studio.js';
import { useTask } from '../../state/use-task.js';
import { samplerOptions } from '../../state/samplers.js';
import { samplingIn } from '../../state/sampling.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const OMEGAS = [0, 0.5, 1, 2, 4];
/** A model of fewer timesteps has fewer columns. */
const STEPS = [2, 4, 8, 16, 32];
/** Images of each digit chosen, over which the confidence is averaged. */
const IMAGES = 4;

/** Which guidance weight at how many steps draws digits that a classifier recognises. */
export default function GuidanceView(): VNode {
  const address = useAddress();
  const { model, info, prediction } = useStudio();
  const classes = info?.classes ?? DIGITS.length;
  const known = digitsIn(address, 'digits', [3]).filter((digit) => digit < classes);
  const digits = known.length > 0 ? known : [classes - 1];
  const { seed, sampler, spacing } = samplingIn(address, model.defaults);
  const parameters = { ...modelParameters(model), digits: digits.join(''), sampler, spacing, seed: String(seed) };
  const notes = useCompleteAddress('guidance', address, model.id === '' ? undefined : parameters);
  const labels = digits.flatMap((digit) => Array<number>(IMAGES).fill(digit));
  const stepCounts = STEPS.filter((steps) => steps <= (info?.timesteps ?? Infinity));
  const settings = { labels, sampling: { seed, sampler, spacing }, guidanceWeights: OMEGAS, stepCounts };
  const { progress, running, failure, again } = useTask('guidanceMap', settings);
  const { imageSize: side = 28, channels = 1, classNames: names } = info ?? {};
  // Until the first cell is there, it is a model of digits.
  const judged = progress[0] === undefined || progress[0].confidence !== undefined;
  const cellAt = (row: number, column: number) => progress.find((cell) => cell.row === row && cell.column === column);
  const firstOf = (cell: MapCell | undefined): Uint8Array | undefined =>
    cell?.images.subarray(0, channels * side * side);
  const cells = OMEGAS.flatMap((_, row) => stepCounts.map((_steps, column) => firstOf(cellAt(row, column))));
  const picture = cells.every((image) => image !== undefined) ? joinBytes(cells) : undefined;

  return (
    <>
      <header>
        <h1>Guidance and steps</h1>
        <p class="lead">
          {judged
            ? 'How sure a classifier is that it sees the digit, for each guidance weight and number of steps. '
            : 'What each guidance weight and number of steps makes of one class. '}
          Each cell draws the same {labels.length} images from the same noise and shows the first.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Map">
          <LinkNotes notes={notes} />
          {failure && <FailureNotice failure={failure} onRetry={again} />}
          <div class="waiting">
            <ModelLoading waiting={running && progress.length === 0} />
            <div
              class="scroll"
              tabIndex={0}
              role="region"
              aria-label={judged ? 'Table of confidence' : 'Table of images'}
            >
              <table class="heat">
                <caption class="visually-hidden">
                  {judged ? 'Mean confidence' : 'Images'} by guidance weight and number of steps
                </caption>
                <thead>
                  <tr>
                    <th scope="col">ω \ steps</th>
                    {stepCounts.map((steps) => (
                      <th key={steps} scope="col">
                        {steps}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {OMEGAS.map((omega, row) => (
                    <tr key={omega}>
                      <th scope="row">{omega}</th>
                      {stepCounts.map((steps, column) => {
                        const cell = cellAt(row, column);
                        const percent = cell?.confidence === undefined ? undefined : Math.round(100 * cell.confidence);
                        return (
                          <td key={steps} style={{ background: percent === undefined ? undefined : shade(percent) }}>
                            <Tile side={side} pixels={firstOf(cell)} label={`ω ${omega}, ${steps} steps`} />
                            {judged && <span class="figure">{percent === undefined ? '–' : `${percent} %`}</span>}
                          </td>
                        );
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </div>
          <p class="status" role="status">
            {running
              ? `${progress.length} of ${OMEGAS.length * stepCounts.length} cells.`
              : progress.length > 0
                ? 'Done.'
                : ''}
          </p>
        </section>
        <section class="panel" aria-label="Settings">
          <ModelPicker />
          <Choices
            label={names ? 'Class' : 'Digit'}
            options={DIGITS.slice(0, classes).map((digit) => [digit, names?.[digit] ?? String(digit)] as const)}
            chosen={digits}
            onToggle={(digit) => {
              setParameters({ digits: String(digit) });
            }}
          />
          <Select
            label="Sampler"
            value={sampler}
            options={samplerOptions}
            onChange={(value) => {
              setParameters({ sampler: value });
            }}
          />
          <SeedField seed={seed} />
          <Why summary="What to look for">
            <p>
              With few steps and no guidance, the images are vague{judged && ' and the classifier is unsure'}. Guidance
              makes up for some of the steps. With too much guidance, all images of a class look alike.
            </p>
            <Formula equation={guidanceEquation(prediction)} />
          </Why>
          <SaveButton
            images={picture}
            side={side}
            channels={channels}
            columns={stepCounts.length}
            name={`guidance-${digits.join('')}.png`}
          />
        </section>
      </div>
    </>
  );
}

/** Most cells are near 100 %: the shades are for the difference to it. */
const shade = (percent: number): string =>
  `color-mix(in oklab, var(--accent) ${Math.max(0, percent - 50) ** 2 / 45}%, var(--surface))`;
