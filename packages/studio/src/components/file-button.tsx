import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';

interface FileButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onFile: (name: string, bytes: Uint8Array) => void | Promise<void>;
}

/** Takes a checkpoint from the visitor's disk. */
export function FileButton({ label, disabled = false, onFile }: FileButtonProps): VNode {
  const id = useId();
  const [trouble, setTrouble] = useState('');
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setTrouble('');
    try {
      await onFile(file.name, new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <div>
      <input
        id={id}
        class="visually-hidden"
        type="file"
        accept=".safetensors"
        disabled={disabled}
        onChange={(event) => {
          void read(event.currentTarget.files?.[0]);
        }}
      />
      <label class="button" for={id}>
        {label}
      </label>
      {trouble !== '' && (
        <p class="notice failure" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}
