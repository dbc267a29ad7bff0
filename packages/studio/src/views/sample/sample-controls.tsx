import type { VNode } from 'preact';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { Formula } from '../../components/formula.js';
import { GuidanceField } from '../../components/guidance-field.js';
import { ModelPicker } from '../../components/model-picker.js';
import { SaveButton, type SaveButtonProps } from '../../components/save-button.js';
import { SeedField } from '../../components/seed-field.js';
import { setParameters } from '../../state/address.js';
import { useStudio } from '../../state/studio.js';
import type { PageSettings } from './settings.js';
import { samplerOptions, spacingOptions } from '../../state/samplers.js';

interface SampleControlsProps {
  readonly settings: PageSettings;
  /** What is shown, to be saved. */
  readonly picture: Omit<SaveButtonProps, 'name'>;
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const LARGEST_STEPS = 100;

/** Everything that decides the picture, each with a word about it. */
export function SampleControls({ settings, picture }: SampleControlsProps): VNode {
  const { info } = useStudio();
  const { digits, each, sampling } = settings;
  const { guidanceWeight: omega, sampler, samplingSteps: steps, spacing, seed } = sampling;
  const most = Math.min(LARGEST_STEPS, info?.timesteps ?? LARGEST_STEPS);

  const toggle = (digit: number): void => {
    // From the whole row, one click picks a digit; from there, clicks add and remove.
    const next = digits.length === DIGITS.length ? [digit] : DIGITS.filter((d) => (d === digit) !== digits.includes(d));
    setParameters({ digits: next.length === 0 ? 'none' : next.join('') });
  };

  return (
    <section class="panel" aria-label="Settings">
      <ModelPicker />
      <div>
        <Choices
          label="Digits"
          options={DIGITS.map((d) => [d, String(d)] as const)}
          chosen={digits}
          onToggle={toggle}
        />
        <div class="row">
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              setParameters({ digits: undefined });
            }}
          >
            All
          </button>
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              setParameters({ digits: 'none' });
            }}
          >
            No class
          </button>
        </div>
        <Why summary="What a class is">
          <p>
            The digit asked for goes into the network as c. While it learnt, c was left out for some of the images, so
            the same network also knows what digits look like as such: that is what "No class" draws.
          </p>
        </Why>
      </div>
      <Slider
        label="Of each"
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
        onChange={(value) => {
          setParameters({ omega: String(value) });
        }}
      />
      <Select
        label="Sampler"
        value={sampler}
        options={samplerOptions}
        onChange={(value) => {
          setParameters({ sampler: value });
        }}
      >
        <Why summary="What a step is">
          <p>
            From x at t the model tells the noise in it, and so the image it is on its way to. DDPM, the paper's
            Algorithm 2, removes a little of that noise and adds a little new; the others take larger, surer steps.
          </p>
          <Formula name="reverse" />
          <Formula name="predictedX0" />
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
        <Why summary="How few will do">
          <p>
            The model knows {info?.timesteps ?? 'T'} noise levels; sampling visits as many of them as you say. Each step
            costs one evaluation of the network, or two with guidance.
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
        <Why summary="Which noise levels">
          <p>
            "Even" and "trailing" take equal steps of t: down to 1, or only to where the next step would end at 0. With
            few steps the latter looks less at images that are nearly clean. The others spread the steps by how much
            noise there is rather than by t.
          </p>
        </Why>
      </Select>
      <SeedField seed={seed} />
      <SaveButton {...picture} name={`digits-seed-${seed}.png`} />
    </section>
  );
}
