import type { VNode } from 'preact';
import { Choices, Select, Slider, Why } from '../../components/fields.js';
import { Formula } from '../../components/formula.js';
import { ModelPicker } from '../../components/model-picker.js';
import { SeedField } from '../../components/seed-field.js';
import { setParameters } from '../../state/address.js';
import { useStudio } from '../../state/studio.js';
import { LARGEST_OMEGA, type PageSettings } from './settings.js';
import { samplerOptions } from '../../state/samplers.js';

interface SampleControlsProps {
  readonly settings: PageSettings;
  readonly onSave: (() => void) | undefined;
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const LARGEST_STEPS = 100;

/** Everything that decides the picture, each with a word about it. */
export function SampleControls({ settings, onSave }: SampleControlsProps): VNode {
  const { info } = useStudio();
  const { digits, each, omega, sampler, steps, seed } = settings;
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
      <Slider
        label="Guidance ω"
        value={omega}
        min={0}
        max={LARGEST_OMEGA}
        step={0.1}
        format={(value) => value.toFixed(1)}
        onChange={(value) => {
          setParameters({ omega: String(value) });
        }}
      >
        <Why summary="What guidance does">
          <p>
            The model is asked twice, with and without the class, and goes further in the direction in which the two
            differ (equation 6). More makes digits clearer and more alike.
          </p>
          <Formula name="guidance" />
        </Why>
      </Slider>
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
            The model knows {info?.timesteps ?? 'T'} noise levels; sampling visits as many of them as you say, evenly
            spaced. Each step costs one evaluation of the network, or two with guidance.
          </p>
        </Why>
      </Slider>
      <SeedField seed={seed} />
      <button type="button" class="button primary" onClick={onSave} disabled={onSave === undefined}>
        Save as PNG
      </button>
    </section>
  );
}
