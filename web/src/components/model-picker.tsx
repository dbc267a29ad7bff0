import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { setParameters } from '../state/address.js';
import { useStudio } from '../state/studio.js';
import { Select } from './fields.js';

/** The shipped models, and a file of one's own. */
export function ModelPicker(): VNode {
  const { manifest, model, useOwnModel } = useStudio();
  const id = useId();
  const [trouble, setTrouble] = useState('');
  const options = [...manifest.models, ...(manifest.models.includes(model) ? [] : [model])];
  return (
    <div>
      <Select
        label="Model"
        value={model.id}
        options={options.map((each) => [each.id, each.title] as const)}
        onChange={(value) => {
          setParameters({ model: value });
        }}
      />
      <p class="status">{model.description}</p>
      <label class="button quiet" for={id}>
        Open a checkpoint
      </label>
      <input
        id={id}
        class="visually-hidden"
        type="file"
        accept=".safetensors"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          file?.arrayBuffer().then(
            (buffer) => {
              useOwnModel(file.name, new Uint8Array(buffer));
            },
            (error: unknown) => {
              setTrouble(String(error));
            },
          );
        }}
      />
      <p class="status" role="alert">
        {trouble}
      </p>
    </div>
  );
}
