import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { TrainPreset } from 'ts-diffusion/train';
import { Select } from '../../components/fields.js';
import { setParameters } from '../../state/address.js';
import { startRun } from './api-client.js';

/** All of them, or this does not compile. */
const presets: Readonly<Record<TrainPreset, string>> = {
  quick: 'quick: digits in minutes',
  modern: 'modern: the best digits, in hours',
  images: 'images: a network for the size and number of the images',
  paper: "paper: the paper's configuration, in hours",
};

interface NewRunProps {
  readonly taken: readonly string[];
}

/** Starts a training on the server. */
export function NewRun({ taken }: NewRunProps): VNode {
  const [preset, setPreset] = useState<TrainPreset>('quick');
  const [steps, setSteps] = useState('');
  const [sampleEvery, setSampleEvery] = useState('250');
  const [chosenName, setChosenName] = useState('');
  const [trouble, setTrouble] = useState('');
  const nameId = useId();
  const helpId = useId();
  const name = chosenName === '' ? freeName(preset, taken) : chosenName;

  const start = (event: Event): void => {
    event.preventDefault();
    setTrouble('');
    const given = Object.entries({ steps, sampleEvery }).filter(([, text]) => text !== '');
    const config = Object.fromEntries(given.map(([field, text]) => [field, Number(text)]));
    startRun({ name, preset, config }).then(
      () => {
        setChosenName('');
        setParameters({ run: name });
      },
      (error: unknown) => {
        setTrouble((error as Error).message);
      },
    );
  };

  return (
    <form class="panel" aria-label="New run" onSubmit={start}>
      <h2>New run</h2>
      <Select
        label="Preset"
        value={preset}
        options={Object.entries(presets) as [TrainPreset, string][]}
        onChange={setPreset}
      />
      <CountField label="Steps" min={1} value={steps} onInput={setSteps} />
      <CountField label="Sample every ... steps (0 = off)" min={0} value={sampleEvery} onInput={setSampleEvery} />
      <div class="field">
        <label for={nameId}>Name</label>
        <input
          id={nameId}
          class="input"
          value={name}
          aria-describedby={helpId}
          onInput={(event) => {
            setChosenName(event.currentTarget.value);
          }}
        />
        <p class="status" id={helpId}>
          Use letters, digits, . - _
        </p>
      </div>
      <button type="submit" class="button primary">
        Start training
      </button>
      {trouble !== '' && (
        <p class="notice failure" role="alert">
          {trouble}
        </p>
      )}
    </form>
  );
}

interface CountFieldProps {
  readonly label: string;
  readonly min: number;
  /** Empty: what the preset says. */
  readonly value: string;
  readonly onInput: (value: string) => void;
}

function CountField({ label, min, value, onInput }: CountFieldProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        type="number"
        min={min}
        value={value}
        placeholder="preset default"
        onInput={(event) => {
          onInput(event.currentTarget.value);
        }}
      />
    </div>
  );
}

function freeName(preset: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = `${preset}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
