import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';

interface FileButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onFile: (name: string, bytes: Uint8Array) => void | Promise<void>;
}

/** Takes a checkpoint or a model from the visitor's disk. A file that is none is refused in a sentence below. */
export function FileButton({ label, disabled = false, onFile }: FileButtonProps): VNode {
  const id = useId();
  const [trouble, setTrouble] = useState('');
  const [reading, setReading] = useState(false);
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setTrouble('');
    setReading(true);
    try {
      await onFile(file.name, new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      setTrouble((error as Error).message);
    } finally {
      setReading(false);
    }
  };
  return (
    <div>
      <input
        id={id}
        class="visually-hidden"
        type="file"
        accept=".safetensors"
        disabled={disabled || reading}
        onChange={(event) => {
          void read(event.currentTarget.files?.[0]);
          // The same file again is a change too.
          event.currentTarget.value = '';
        }}
      />
      <label class="button" for={id}>
        {reading ? 'Opening the file' : label}
      </label>
      {trouble !== '' && (
        <p class="notice failure" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}
