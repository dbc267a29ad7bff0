import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { forwardEquation, predictedImageEquation } from '../../components/equations.js';
import { Formula } from '../../components/formula.js';
import { GuidanceField, LARGEST_OMEGA } from '../../components/guidance-field.js';
import { LinkNotes } from '../../components/link-notes.js';
import { ModelLoading } from '../../components/model-loading.js';
import { ModelPicker } from '../../components/model-picker.js';
import { Probabilities } from '../../components/probabilities.js';
import { SaveButton } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { Tile } from '../../components/tile.js';
import { choiceIn, numberIn, readAddress, setParameters, useAddress } from '../../state/address.js';
import { useCompleteAddress } from '../../state/complete-address.js';
import { modelParameters } from '../../state/model-settings.js';
import { useStudio } from '../../state/studio.js';
import { useTask } from '../../state/use-task.js';
import { inkFromText, inkToText, maskOf, SIDE } from './ink.js';
import { Pad } from './pad.js';
import { useUndo } from './use-undo.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const IMAGES = 4;
const STEPS = 25;
const regions = [
  ['rest', 'the empty area'],
  ['bottom', 'the lower half'],
  ['top', 'the upper half'],
  ['right', 'the right half'],
  ['left', 'the left half'],
] as const;

const inkInAddress = (): string => readAddress().parameters.get('ink') ?? '';

/** A drawing that the model finishes, or cleans up. */
export default function DrawView(): VNode {
  const address = useAddress();
  const { info, model, prediction } = useStudio();
  const how = choiceIn(address, 'how', ['finish', 'clean'] as const);
  const region = choiceIn(
    address,
    'region',
    regions.map(([name]) => name),
  );
  const digit = Math.round(numberIn(address, 'digit', 5, 0, 9));
  const seed = Math.round(numberIn(address, 'seed', 0, 0, 999_999));
  const strength = numberIn(address, 'strength', 0.6, 0.1, 1);
  const omega = numberIn(address, 'omega', model.defaults.guidanceWeight, 0, LARGEST_OMEGA);
  const text = address.parameters.get('ink') ?? '';
  const [ink, setInk] = useState(() => inkFromText(text));
  const parameters = {
    ...modelParameters(model),
    how,
    region,
    digit: String(digit),
    seed: String(seed),
    strength: String(strength),
    omega: String(omega),
  };
  const notes = useCompleteAddress('draw', address, model.id === '' ? undefined : parameters);
  const [erasing, setErasing] = useState(false);
  const { possible, remember, undo } = useUndo((drawing) => {
    setParameters({ ink: drawing === '' ? undefined : drawing });
  });
  // The next stroke may begin before this runs for the one before it: only what was not drawn here replaces the drawing.
  const drawn = useRef(text);
  useEffect(() => {
    const newest = inkInAddress();
    if (newest !== drawn.current) setInk(inkFromText(newest));
    drawn.current = newest;
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
  const fits = info === undefined || (info.imageSize === SIDE && info.channels === 1);
  const ready = text !== '' && fits;
  const finishing = useTask(
    'inpaint',
    ready && how === 'finish' ? { ...common, mask: maskOf(given, region) } : undefined,
  );
  const cleaning = useTask('edit', ready && how === 'clean' ? { ...common, strength } : undefined);
  const { progress, result, running, failure, again } = how === 'finish' ? finishing : cleaning;

  const images = ready ? (result?.images ?? progress.at(-1)?.predictedX0) : undefined;
  const change = (drawing: string): void => {
    setInk(inkFromText(drawing));
    // A key that is held repeats before the view is drawn anew.
    const before = inkInAddress();
    // A dot on ink, or the eraser where there is none, leaves nothing to take back.
    if (drawing === before) return;
    remember(before);
    drawn.current = drawing;
    setParameters({ ink: drawing === '' ? undefined : drawing });
  };
  return (
    <>
      <header>
        <h1>Draw with the model</h1>
        <p class="lead">
          Draw part of a digit and let the model finish it, or draw a rough digit and let the model clean it up. The
          model gives {IMAGES} results.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Drawing">
          <LinkNotes notes={notes} />
          {failure && <FailureNotice failure={failure} onRetry={again} />}
          <Pad
            ink={ink}
            erasing={erasing}
            mask={how === 'finish' ? mask : undefined}
            onInk={setInk}
            onDone={(newest) => {
              change(inkToText(newest));
            }}
          />
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
            <button type="button" class="button" disabled={!possible} onClick={undo}>
              Undo
            </button>
            <button
              type="button"
              class="button"
              disabled={text === ''}
              onClick={() => {
                change('');
              }}
            >
              Clear
            </button>
            <p class="status" role="status">
              {!fits
                ? `This model draws no gray images of ${SIDE}x${SIDE}; choose another.`
                : !ready
                  ? 'Draw something.'
                  : running
                    ? 'Computing.'
                    : result
                      ? 'Done.'
                      : ''}
            </p>
          </div>
          <div class="tiles" style={{ gridTemplateColumns: `repeat(${IMAGES}, 1fr)` }}>
            <ModelLoading waiting={running && images === undefined} />
            {Array.from({ length: IMAGES }, (_, i) => (
              <Tile
                key={i}
                side={SIDE}
                pixels={images?.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE)}
                label={`result ${i + 1} of ${IMAGES}: a ${digit} made from the drawing`}
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
            label="Target digit"
            options={DIGITS.map((each) => [each, String(each)] as const)}
            chosen={[digit]}
            onToggle={(value) => {
              setParameters({ digit: String(value) });
            }}
          />
          {how === 'finish' ? (
            <Select
              label="Model fills"
              value={region}
              options={regions}
              onChange={(value) => {
                setParameters({ region: value });
              }}
            >
              <Why summary="How does it finish?">
                <p>
                  At every step your pixels replace those of the predicted image, so the rest has to fit them. Each
                  stretch of steps is repeated once, so that both parts agree (RePaint).
                </p>
                <Formula equation={predictedImageEquation(prediction)} />
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
              <Why summary="How does it clean up?">
                <p>
                  Noise is added to your drawing (equation 4), then removed by the model. Little noise keeps the
                  drawing; much noise leaves only a hint of it (SDEdit).
                </p>
                <Formula equation={forwardEquation} />
              </Why>
            </Slider>
          )}
          <GuidanceField
            omega={omega}
            prediction={prediction}
            onChange={(value) => {
              setParameters({ omega: String(value) });
            }}
          />
          <SeedField seed={seed} />
          <SaveButton images={images} side={SIDE} columns={IMAGES} name="drawn.png" />
        </section>
        {result?.probabilities && ready && (
          <section class="panel more" aria-label="Classifier">
            <h2>Classifier's guess for the first result</h2>
            <Probabilities values={result.probabilities.subarray(0, info?.classes ?? 10)} asked={digit} />
          </section>
        )}
      </div>
    </>
  );
}
