/**
 * One system call that changes files, as `file-layer.ts` records it. Paths are relative to the folder that is watched. A file is
 * known by its path when the process started, or by a number where the process made it, whatever its name is now.
 */
export type Operation =
  | { readonly kind: 'mkdir' | 'unlink' | 'sync-folder'; readonly path: string }
  | { readonly kind: 'create' | 'truncate' | 'sync'; readonly path: string; readonly file: FileId }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly file: FileId;
      /** Where in the file the bytes go. */
      readonly at: number;
      readonly base64: string;
    }
  | { readonly kind: 'rename' | 'link'; readonly path: string; readonly to: string };

export type FileId = string | number;

/** What to do instead of an operation: die before it, or in the middle of a write. */
export interface Death {
  /** 0: the first one. */
  readonly operation: number;
  readonly half: boolean;
}

/** How a process under the layer is told what to do: the values of environment variables. */
export const layerVariables = {
  /** The folder that is watched. */
  folder: 'TORTURE_FOLDER',
  /** Where to die: a `Death` as JSON. */
  death: 'TORTURE_DEATH',
  /** Where to write the operations, as JSON, when the process ends. */
  log: 'TORTURE_LOG',
} as const;
