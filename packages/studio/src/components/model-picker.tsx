import type { VNode } from 'preact';
import { readAddress, setParameters } from '../state/address.js';
import { changesToModel } from '../state/model-settings.js';
import { useStudio } from '../state/studio.js';
import { Select } from './fields.js';
import { FileButton } from './file-button.js';

/** The shipped models, and files of one's own. */
export function ModelPicker(): VNode {
  const { models, model, openModel } = useStudio();
  const options = [...models, ...(models.includes(model) ? [] : [model])];
  const change = (id: string): void => {
    setParameters(changesToModel(id, model, readAddress()));
  };
  return (
    <div>
      <Select
        label="Model"
        value={model.id}
        options={options.map((each) => [each.id, each.title] as const)}
        onChange={change}
      />
      <p class="status model-description">{model.description}</p>
      <FileButton
        label="Open a model file"
        onFile={async (name, bytes) => {
          change(await openModel(name, bytes));
        }}
      />
    </div>
  );
}
