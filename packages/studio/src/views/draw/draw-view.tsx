import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Colour, Select, Slider, Why } from '../../components/fields.js';
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
import { choiceIn, colourIn, numberIn, readAddress, setParameters, useAddress } from '../../state/address.js';
import { useCompleteAddress } from '../../state/complete-address.js';
import { modelParameters } from '../../state/model-settings.js';
import { useStudio } from '../../state/studio.js';
import { useTask } from '../../state/use-task.js';
import { drawingOf } from './drawing.js';
import { inkFromText, inkToText, maskOf } from './ink.js';
import { Pad } from './pad.js';
import { useUndo } from './use-undo.js';

const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/** As long as no model has said what its images are. */
const DIGIT = { imageSize: 28, channels: 1 };
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
  const { imageSize: side, channels } = info ?? DIGIT;
  // Digits are white on black: around a stroke is ground. Around a coloured one may be any.
  const near = channels >= 3 ? 0 : 2;
  const classes = CLASSES.slice(0, info?.classes);
  const nameOf = (label: number): string => info?.classNames?.[label] ?? String(label);
  const digit = Math.round(numberIn(address, 'digit', Math.min(5, classes.length - 1), 0, classes.length - 1));
  const seed = Math.round(numberIn(address, 'seed', 0, 0, 999_999));
  const strength = numberIn(address, 'strength', 0.6, 0.1, 1);
  const omega = numberIn(address, 'omega', model.defaults.guidanceWeight, 0, LARGEST_OMEGA);
  const text = address.parameters.get('ink') ?? '';
  const paints = { pen: colourIn(address, 'pen', '#f2c14e'), ground: colourIn(address, 'ground', '#274c77') };
  const [ink, setInk] = useState(() => inkFromText(text, side));
  const parameters = {
    ...modelParameters(model),
    how,
    region,
    digit: String(digit),
    seed: String(seed),
    strength: String(strength),
    omega: String(omega),
    ...(channels >= 3 && { pen: paints.pen.slice(1), ground: paints.ground.slice(1) }),
  };
  const notes = useCompleteAddress('draw', address, model.id === '' ? undefined : parameters);
  const [erasing, setErasing] = useState(false);
  const { possible, remember, undo } = useUndo((drawing) => {
    setParameters({ ink: drawing === '' ? undefined : drawing });
  });
  // The next stroke may begin before this runs for the one before it: only what was not drawn here replaces the drawing.
  const drawn = useRef(text);
  const drawnSide = useRef(side);
  useEffect(() => {
    const newest = inkInAddress();
    if (newest !== drawn.current || side !== drawnSide.current) setInk(inkFromText(newest, side));
    drawn.current = newest;
    drawnSide.current = side;
  }, [text, side]);

  const given = useMemo(() => inkFromText(text, side), [text, side]);
  const shown = useMemo(
    () => drawingOf(ink, channels, paints, how === 'finish' ? maskOf(ink, region, near) : undefined),
    [ink, channels, paints.pen, paints.ground, how, region],
  );
  const common = useMemo(() => {
    const drawing = drawingOf(given, channels, paints);
    const images = new Uint8Array(IMAGES * drawing.length);
    for (let i = 0; i < IMAGES; i++) images.set(drawing, i * drawing.length);
    return {
      images,
      labels: Array<number>(IMAGES).fill(digit),
      sampling: { guidanceWeight: omega, seed, sampler: 'ddpm', samplingSteps: STEPS, spacing: 'even' } as const,
    };
  }, [given, channels, paints.pen, paints.ground, digit, omega, seed]);
  const ready = text !== '' && info !== undefined;
  const finishing = useTask(
    'inpaint',
    ready && how === 'finish' ? { ...common, mask: maskOf(given, region, near) } : undefined,
  );
  const cleaning = useTask('edit', ready && how === 'clean' ? { ...common, strength } : undefined);
  const { progress, result, running, failure, again } = how === 'finish' ? finishing : cleaning;

  const images = ready ? (result?.images ?? progress.at(-1)?.predictedX0) : undefined;
  const change = (drawing: string): void => {
    setInk(inkFromText(drawing, side));
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
            shown={shown}
            erasing={erasing}
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
              {text === '' ? 'Draw something.' : running ? 'Computing.' : result ? 'Done.' : ''}
            </p>
          </div>
          <div class="tiles" style={{ gridTemplateColumns: `repeat(${IMAGES}, 1fr)` }}>
            <ModelLoading waiting={running && images === undefined} />
            {Array.from({ length: IMAGES }, (_, i) => (
              <Tile
                key={i}
                side={side}
                pixels={images?.subarray(i * channels * side ** 2, (i + 1) * channels * side ** 2)}
                label={`result ${i + 1} of ${IMAGES}: a ${nameOf(digit)} made from the drawing`}
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
            label={info?.classNames ? 'Target class' : 'Target digit'}
            options={classes.map((each) => [each, nameOf(each)] as const)}
            chosen={[digit]}
            onToggle={(value) => {
              setParameters({ digit: String(value) });
            }}
          />
          {channels >= 3 && (
            <div class="row">
              {(['pen', 'ground'] as const).map((name) => (
                <Colour
                  key={name}
                  label={name === 'pen' ? 'Pen' : 'Ground'}
                  value={paints[name]}
                  onChange={(value) => {
                    setParameters({ [name]: value.slice(1) });
                  }}
                />
              ))}
            </div>
          )}
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
          <SaveButton images={images} side={side} channels={channels} columns={IMAGES} name="drawn.png" />
        </section>
        {result?.probabilities && ready && (
          <section class="panel more" aria-label="Classifier">
            <h2>Classifier's guess for the first result</h2>
            <Probabilities values={result.probabilities.subarray(0, info.classes)} asked={digit} />
          </section>
        )}
      </div>
    </>
  );
}
