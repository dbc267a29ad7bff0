import type { VNode } from 'preact';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { predictedImageEquation, samplerEquations } from '../../components/equations.js';
import { Formula } from '../../components/formula.js';
import { GuidanceField } from '../../components/guidance-field.js';
import { ModelPicker } from '../../components/model-picker.js';
import { SaveButton, type SaveButtonProps } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { setParameters } from '../../state/address.js';
import { useStudio } from '../../state/studio.js';
import type { PageSettings } from './settings.js';
import { predictionTexts, samplerTexts } from './step-text.js';
import { samplerOptions, spacingOptions } from '../../state/samplers.js';

interface SampleControlsProps {
  readonly settings: PageSettings;
  /** What is shown, to be saved. */
  readonly picture: Omit<SaveButtonProps, 'name'>;
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const LARGEST_STEPS = 100;

/** Everything that decides the picture, each explained. */
export function SampleControls({ settings, picture }: SampleControlsProps): VNode {
  const { info, prediction } = useStudio();
  const { digits, each, sampling } = settings;
  const classes = DIGITS.slice(0, info?.classes);
  const names = info?.classNames;
  const { guidanceWeight: omega, sampler, samplingSteps: steps, spacing, seed } = sampling;
  const drawingSteps = info?.drawingSteps;
  const network = info?.model;
  const largest = network?.architecture === 'modern-unet' ? network.largestGuidanceWeight : undefined;
  const most = Math.min(LARGEST_STEPS, info?.timesteps ?? LARGEST_STEPS);

  const toggle = (digit: number): void => {
    // From the whole row, one click picks a digit; from there, clicks add and remove.
    const next =
      digits.length === classes.length ? [digit] : classes.filter((d) => (d === digit) !== digits.includes(d));
    setParameters({ digits: next.length === 0 ? 'none' : next.join('') });
  };

  return (
    <section class="panel" aria-label="Settings">
      <ModelPicker />
      <div class="choices-rows">
        <Choices
          label={names ? 'Classes' : 'Digits'}
          options={classes.map((d) => [d, names?.[d] ?? String(d)] as const)}
          chosen={digits}
          onToggle={toggle}
        />
        <Choices
          label={names ? 'All classes, or any' : 'All digits, or any'}
          labelHidden
          options={[
            [classes.join(''), names ? 'All classes' : 'All digits'],
            ['none', names ? 'Any class' : 'Any digit'],
          ]}
          chosen={[digits.length === 0 ? 'none' : digits.join('')]}
          onToggle={(value) => {
            setParameters({ digits: value });
          }}
        />
        <Why summary="What is a class?">
          <p>
            The class label c tells the network which digit to generate. In training, c was dropped for some of the
            images, so the network also learned to generate without a label. "Any digit" does this.
          </p>
        </Why>
      </div>
      <Slider
        label="Images per digit"
        value={each}
        min={1}
        max={10}
        step={1}
        onChange={(value) => {
          setParameters({ each: String(value) });
        }}
      />
      <GuidanceField
        omega={omega}
        prediction={prediction}
        largest={largest}
        onChange={(value) => {
          setParameters({ omega: String(value) });
        }}
      />
      {drawingSteps ? (
        <Choices
          label="Steps"
          options={drawingSteps.map((count) => [count, String(count)] as const)}
          chosen={[steps]}
          onToggle={(value) => {
            setParameters({ steps: String(value) });
          }}
        >
          <Why summary="Why so few steps?">
            <p>
              This model is distilled: it learned to draw what its teacher draws in these numbers of evaluations, and it
              takes the guidance weight as an input, so that each step evaluates the network once.
            </p>
          </Why>
        </Choices>
      ) : (
        <>
          <Select
            label="Sampler"
            value={sampler}
            options={samplerOptions}
            onChange={(value) => {
              setParameters({ sampler: value });
            }}
          >
            <Why summary="What is a step?">
              <p>{predictionTexts[prediction]}</p>
              <Formula equation={predictedImageEquation(prediction)} />
              <p>{samplerTexts[sampler]}</p>
              <Formula equation={samplerEquations[sampler]} />
            </Why>
          </Select>
          <Slider
            label="Steps"
            value={Math.min(steps, most)}
            min={1}
            max={most}
            step={1}
            onChange={(value) => {
              setParameters({ steps: String(value) });
            }}
          >
            <Why summary="How many steps are enough?">
              <p>
                The model was trained on {info?.timesteps ?? 'T'} noise levels; sampling visits as many of them as there
                are steps. Each step evaluates the network once, or twice with guidance; Heun doubles that.
              </p>
            </Why>
          </Slider>
          <Select
            label="Spacing"
            value={spacing}
            options={spacingOptions}
            onChange={(value) => {
              setParameters({ spacing: value });
            }}
          >
            <Why summary="Which timesteps are visited?">
              <p>
                "Even" and "Trailing" take equal steps in t. "Even" ends at t = 1, "Trailing" one full step before t =
                0, so it spends fewer steps on images that are nearly clean. The others space the steps by noise level.
              </p>
            </Why>
          </Select>
        </>
      )}
      <SeedField seed={seed} />
      <SaveButton {...picture} name={`digits-seed-${seed}.png`} />
    </section>
  );
}
