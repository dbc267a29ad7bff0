import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';

interface FilesButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  /** What may be chosen: file name endings or media types, as `accept` of a file input; or a folder, with all that is in it. */
  readonly choose: { readonly files: string; readonly multiple?: boolean } | 'folder';
  readonly onFiles: (files: readonly File[]) => void | Promise<void>;
}

interface FileButtonProps extends Pick<FilesButtonProps, 'label' | 'disabled'> {
  readonly onFile: (name: string, bytes: Uint8Array) => void | Promise<void>;
}

/** Takes a checkpoint or a model from the visitor's disk. A file that is none is refused in a sentence below. */
export function FileButton({ onFile, ...button }: FileButtonProps): VNode {
  const read = async ([file]: readonly File[]): Promise<void> => {
    if (file) await onFile(file.name, new Uint8Array(await file.arrayBuffer()));
  };
  return <FilesButton {...button} choose={{ files: '.safetensors' }} onFiles={read} />;
}

/** Takes files from the visitor's disk. What is wrong with them is said in a sentence below. */
export function FilesButton({ label, disabled = false, choose, onFiles }: FilesButtonProps): VNode {
  const id = useId();
  const [trouble, setTrouble] = useState('');
  const [reading, setReading] = useState(false);
  const read = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    setTrouble('');
    setReading(true);
    try {
      await onFiles(files);
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
        {...(choose === 'folder' ? { webkitdirectory: true } : { accept: choose.files, multiple: choose.multiple })}
        disabled={disabled || reading}
        onChange={(event) => {
          void read([...(event.currentTarget.files ?? [])]);
          // The same file again is a change too.
          event.currentTarget.value = '';
        }}
      />
      <label class="button" for={id}>
        {reading ? (choose === 'folder' || choose.multiple ? 'Opening the files' : 'Opening the file') : label}
      </label>
      {trouble !== '' && (
        <p class="notice failure" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}
