import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { TrainPreset } from '../../../../src/config.js';
import { Select } from '../../components/fields.js';
import { setParameters } from '../../state/address.js';
import { startRun } from './api-client.js';

/** All of them, or this does not compile. */
const presets: Readonly<Record<TrainPreset, string>> = {
  quick: 'quick: digits in minutes',
  modern: 'modern: the best digits, in hours',
  paper: "paper: the paper's configuration, in hours",
};

interface NewRunProps {
  readonly taken: readonly string[];
}

/** Starts a training on the server. */
export function NewRun({ taken }: NewRunProps): VNode {
  const [preset, setPreset] = useState<TrainPreset>('quick');
  const [steps, setSteps] = useState('');
  const [given, setGiven] = useState('');
  const [trouble, setTrouble] = useState('');
  const [nameId, stepsId] = [useId(), useId()];
  const name = given === '' ? freeName(preset, taken) : given;

  const start = (event: Event): void => {
    event.preventDefault();
    setTrouble('');
    startRun({ name, preset, config: steps === '' ? {} : { steps: Number(steps) } }).then(
      () => {
        setGiven('');
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
      <div class="field">
        <label for={stepsId}>Steps</label>
        <input
          id={stepsId}
          class="input"
          type="number"
          min={1}
          value={steps}
          placeholder="as the preset says"
          onInput={(event) => {
            setSteps(event.currentTarget.value);
          }}
        />
      </div>
      <div class="field">
        <label for={nameId}>Name</label>
        <input
          id={nameId}
          class="input"
          value={name}
          onInput={(event) => {
            setGiven(event.currentTarget.value);
          }}
        />
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

function freeName(preset: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = `${preset}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
