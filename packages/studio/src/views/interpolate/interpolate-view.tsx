import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FailureNotice } from '../../components/failure-notice.js';
import { Choices, Slider, Why } from '../../components/fields.js';
import { GuidanceField, LARGEST_OMEGA } from '../../components/guidance-field.js';
import { LinkNotes } from '../../components/link-notes.js';
import { ModelLoading } from '../../components/model-loading.js';
import { ModelPicker } from '../../components/model-picker.js';
import { Probabilities } from '../../components/probabilities.js';
import { SaveButton } from '../../components/save-button.js';
import { Tile } from '../../components/tile.js';
import { numberIn, setParameters, useAddress, wholeNumberIn } from '../../state/address.js';
import { useCompleteAddress } from '../../state/complete-address.js';
import { modelParameters } from '../../state/model-settings.js';
import { useStudio } from '../../state/studio.js';
import { useTask } from '../../state/use-task.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const FRAMES = 11;
const SWING_MS = 110;

/** The way from one digit to another, all of it digits. */
export default function InterpolateView(): VNode {
  const address = useAddress();
  const { info, model, prediction } = useStudio();
  const end = (name: string, digit: number, seed: number) => ({
    label: Math.min(Math.round(numberIn(address, name, digit, 0, 9)), (info?.classes ?? 10) - 1),
    seed: Math.round(numberIn(address, `${name}Seed`, seed, 0, 999_999)),
  });
  const [from, to] = [end('from', 4, 0), end('to', 9, 1)];
  const omega = numberIn(address, 'omega', model.defaults.guidanceWeight, 0, LARGEST_OMEGA);
  const steps = Math.round(numberIn(address, 'steps', 20, 2, 100));
  const parameters = {
    ...modelParameters(model),
    from: String(from.label),
    fromSeed: String(from.seed),
    to: String(to.label),
    toSeed: String(to.seed),
    omega: String(omega),
    steps: String(steps),
  };
  const notes = useCompleteAddress('interpolate', address, model.id === '' ? undefined : parameters);
  const { progress, result, running, failure, again } = useTask('interpolate', {
    from,
    to,
    frames: FRAMES,
    sampling: { guidanceWeight: omega, sampler: 'ddim', samplingSteps: steps },
  });
  const position = usePosition(wholeNumberIn(address, 'at'));
  const setPosition = (to: number): void => {
    setParameters({ at: String(to) });
  };

  const side = info?.imageSize ?? 28;
  const images = result?.images ?? progress.at(-1)?.predictedX0;
  const channels = info?.channels ?? 1;
  const pixels = channels * side * side;
  const imageAt = (i: number): Uint8Array | undefined => images?.subarray(i * pixels, (i + 1) * pixels);
  const classes = info?.classes ?? 10;
  return (
    <>
      <header>
        <h1>Between two digits</h1>
        <p class="lead">
          A deterministic sampler turns each noise into one image. Moving from one noise and class to another changes
          the image smoothly.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Images">
          <LinkNotes notes={notes} />
          {failure && <FailureNotice failure={failure} onRetry={again} />}
          <div class="waiting" style={{ maxWidth: '20rem' }}>
            <ModelLoading waiting={running && images === undefined} />
            <Tile side={side} pixels={imageAt(position)} label={`image ${position + 1} of ${FRAMES}`} />
          </div>
          <Slider
            label="Position"
            value={position}
            min={0}
            max={FRAMES - 1}
            step={1}
            format={(value) => `${Math.round((100 * value) / (FRAMES - 1))} %`}
            onChange={setPosition}
          />
          <div class="tiles" style={{ gridTemplateColumns: `repeat(${FRAMES}, 1fr)` }}>
            {Array.from({ length: FRAMES }, (_, i) => (
              <Tile
                key={i}
                side={side}
                pixels={imageAt(i)}
                label={`image ${i + 1} of ${FRAMES}`}
                selected={i === position}
                onSelect={() => {
                  setPosition(i);
                }}
              />
            ))}
          </div>
          <p class="status" role="status">
            {running ? 'Computing.' : result ? 'Done.' : ''}
          </p>
        </section>
        <section class="panel" aria-label="Settings">
          <ModelPicker />
          <EndFields title="From" name="from" {...from} />
          <EndFields title="To" name="to" {...to} />
          <GuidanceField
            omega={omega}
            prediction={prediction}
            onChange={(value) => {
              setParameters({ omega: String(value) });
            }}
          />
          <Slider
            label="Steps"
            value={steps}
            min={2}
            max={100}
            step={1}
            onChange={(value) => {
              setParameters({ steps: String(value) });
            }}
          >
            <Why summary="Why not a straight line?">
              <p>
                Noise of many dimensions lies close to a sphere. The mean of two noises lies inside it, where the model
                was never trained, so the path follows the sphere. The predictions for the two classes are mixed.
              </p>
            </Why>
          </Slider>
          <SaveButton images={images} side={side} channels={channels} columns={FRAMES} name="between-digits.png" />
        </section>
        {result?.probabilities && (
          <section class="panel more" aria-label="Classifier">
            <h2>Classifier's guess</h2>
            <Probabilities
              values={result.probabilities.subarray(position * classes, (position + 1) * classes)}
              asked={result.labels[position] ?? -1}
            />
          </section>
        )}
      </div>
    </>
  );
}

interface EndFieldsProps {
  readonly title: string;
  readonly name: string;
  readonly label: number;
  readonly seed: number;
}

function EndFields({ title, name, label, seed }: EndFieldsProps): VNode {
  const { info } = useStudio();
  return (
    <Choices
      label={title}
      options={DIGITS.slice(0, info?.classes).map(
        (digit) => [digit, info?.classNames?.[digit] ?? String(digit)] as const,
      )}
      chosen={[label]}
      onToggle={(digit) => {
        setParameters({ [name]: String(digit) });
      }}
    >
      <div class="row between">
        <span class="status">seed {seed}</span>
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            setParameters({ [`${name}Seed`]: String(Math.floor(Math.random() * 1_000_000)) });
          }}
        >
          New seed<span class="visually-hidden"> {title}</span>
        </button>
      </div>
    </Choices>
  );
}

/** Where one has stopped; until then it swings to and fro, or stays in the middle where motion is not wanted. */
function usePosition(held: number | undefined): number {
  const [beat, setBeat] = useState(0);
  const still = held !== undefined || matchMedia('(prefers-reduced-motion: reduce)').matches;
  useEffect(() => {
    if (still) return undefined;
    const timer = setInterval(() => {
      setBeat((before) => before + 1);
    }, SWING_MS);
    return () => {
      clearInterval(timer);
    };
  }, [still]);
  if (held !== undefined) return Math.min(held, FRAMES - 1);
  if (still) return Math.floor(FRAMES / 2);
  const period = 2 * (FRAMES - 1);
  return Math.abs(((beat + FRAMES - 1) % period) - (FRAMES - 1));
}
