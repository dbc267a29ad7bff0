import type { VNode } from 'preact';
import { setParameters } from '../state/address.js';
import { useStudio } from '../state/studio.js';
import { Select } from './fields.js';
import { FileButton } from './file-button.js';

/** The shipped models, and a file of one's own. */
export function ModelPicker(): VNode {
  const { manifest, model, takeModel } = useStudio();
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
      <p class="status model-description">{model.description}</p>
      <FileButton
        label="Open a checkpoint"
        onFile={(name, bytes) => {
          setParameters({ model: takeModel(name, bytes) });
        }}
      />
    </div>
  );
}
