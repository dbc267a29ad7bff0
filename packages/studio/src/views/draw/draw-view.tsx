import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { Formula } from '../../components/formula.js';
import { GuidanceField, LARGEST_OMEGA } from '../../components/guidance-field.js';
import { ModelPicker } from '../../components/model-picker.js';
import { Probabilities } from '../../components/probabilities.js';
import { SaveButton } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { Tile } from '../../components/tile.js';
import { choiceIn, numberIn, setParameters, useAddress } from '../../state/address.js';
import { useStudio } from '../../state/studio.js';
import { useTask } from '../../state/use-task.js';
import { emptyInk, inkFromText, inkToText, maskOf, SIDE } from './ink.js';
import { Pad } from './pad.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const IMAGES = 4;
const STEPS = 25;
const regions = [
  ['rest', 'all that I did not draw'],
  ['bottom', 'the lower half'],
  ['top', 'the upper half'],
  ['right', 'the right half'],
  ['left', 'the left half'],
] as const;

/** A drawing that the model finishes, or cleans up. */
export default function DrawView(): VNode {
  const address = useAddress();
  const { info, model } = useStudio();
  const how = choiceIn(address, 'how', ['finish', 'clean'] as const);
  const region = choiceIn(
    address,
    'region',
    regions.map(([name]) => name),
  );
  const digit = numberIn(address, 'digit', 5, 0, 9);
  const seed = Math.round(numberIn(address, 'seed', 0, 0, 999_999));
  const strength = numberIn(address, 'strength', 0.6, 0.1, 1);
  const omega = numberIn(address, 'omega', model.defaults.guidanceWeight, 0, LARGEST_OMEGA);
  const text = address.parameters.get('ink') ?? '';
  const [ink, setInk] = useState(() => inkFromText(text));
  const [erasing, setErasing] = useState(false);
  useEffect(() => {
    setInk(inkFromText(text));
  }, [text]);

  const given = useMemo(() => inkFromText(text), [text]);
  const mask = useMemo(() => maskOf(ink, region), [ink, region]);
  const common = useMemo(() => {
    const images = new Uint8Array(IMAGES * SIDE * SIDE);
    for (let i = 0; i < IMAGES; i++) images.set(given, i * SIDE * SIDE);
    return {
      images,
      labels: Array<number>(IMAGES).fill(digit),
      sampling: { guidanceWeight: omega, seed, sampler: 'ddpm', samplingSteps: STEPS, spacing: 'even' } as const,
    };
  }, [given, digit, omega, seed]);
  const ready = text !== '' && (info === undefined || info.imageSize === SIDE);
  const finishing = useTask(
    'inpaint',
    ready && how === 'finish' ? { ...common, mask: maskOf(given, region) } : undefined,
  );
  const cleaning = useTask('edit', ready && how === 'clean' ? { ...common, strength } : undefined);
  const { progress, result, running, failure, again } = how === 'finish' ? finishing : cleaning;

  const images = ready ? (result?.images ?? progress.at(-1)?.predictedX0) : undefined;
  const done = (newest: Uint8Array): void => {
    setParameters({ ink: inkToText(newest) });
  };
  return (
    <>
      <header>
        <h1>Draw with the model</h1>
        <p class="lead">
          Draw part of a digit and let the model finish it, or draw it badly and let the model clean it up. Below are{' '}
          {IMAGES} ways in which it might go on.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Drawing">
          {failure && <FailureNotice failure={failure} onRetry={again} />}
          <Pad ink={ink} erasing={erasing} mask={how === 'finish' ? mask : undefined} onInk={setInk} onDone={done} />
          <div class="row">
            <button
              type="button"
              class="button"
              aria-pressed={erasing}
              onClick={() => {
                setErasing(!erasing);
              }}
            >
              Eraser
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                setInk(emptyInk());
                setParameters({ ink: undefined });
              }}
            >
              Clear
            </button>
            <p class="status" role="status">
              {!ready ? 'Draw something.' : running ? 'Computing.' : result ? 'Done.' : ''}
            </p>
          </div>
          <div class="tiles" style={{ gridTemplateColumns: `repeat(${IMAGES}, 1fr)` }}>
            {Array.from({ length: IMAGES }, (_, i) => (
              <Tile
                key={i}
                side={SIDE}
                pixels={images?.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE) ?? emptyInk()}
                label={`a ${digit} made of the drawing, ${i + 1} of ${IMAGES}`}
                confidence={result?.probabilities?.[i * (info?.classes ?? 10) + digit]}
              />
            ))}
          </div>
        </section>
        <section class="panel" aria-label="Settings">
          <ModelPicker />
          <Choices
            label="Let the model"
            options={[
              ['finish', 'finish it'],
              ['clean', 'clean it up'],
            ]}
            chosen={[how]}
            onToggle={(value) => {
              setParameters({ how: value });
            }}
          />
          <Choices
            label="As a"
            options={DIGITS.map((each) => [each, String(each)] as const)}
            chosen={[digit]}
            onToggle={(value) => {
              setParameters({ digit: String(value) });
            }}
          />
          {how === 'finish' ? (
            <Select
              label="It may draw"
              value={region}
              options={regions}
              onChange={(value) => {
                setParameters({ region: value });
              }}
            >
              <Why summary="How it finishes">
                <p>
                  At every step the image that the model predicts gets your pixels in their place, so all that is drawn
                  beside them has to fit; every stretch is walked twice, so that both settle (RePaint).
                </p>
                <Formula name="predictedX0" />
              </Why>
            </Select>
          ) : (
            <Slider
              label="Strength"
              value={strength}
              min={0.1}
              max={1}
              step={0.05}
              onChange={(value) => {
                setParameters({ strength: String(value) });
              }}
            >
              <Why summary="How it cleans up">
                <p>
                  Your drawing is noised part of the way (equation 4), then denoised: little noise keeps it, much noise
                  leaves only a hint of it (SDEdit).
                </p>
                <Formula name="forward" />
              </Why>
            </Slider>
          )}
          <GuidanceField
            omega={omega}
            onChange={(value) => {
              setParameters({ omega: String(value) });
            }}
          />
          <SeedField seed={seed} />
          <SaveButton images={images} side={SIDE} columns={IMAGES} name="drawn.png" />
        </section>
        {result?.probabilities && ready && (
          <section class="panel more" aria-label="Classifier">
            <h2>What a classifier sees in the first</h2>
            <Probabilities values={result.probabilities.subarray(0, info?.classes ?? 10)} asked={digit} />
          </section>
        )}
      </div>
    </>
  );
}
