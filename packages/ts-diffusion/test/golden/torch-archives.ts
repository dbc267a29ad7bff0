import { readFileSync } from 'node:fs';

/** test/golden/torch-archives.json, written by bench/golden/torch_archives.py with torch.save; files are in base64. */
export interface TorchArchives {
  readonly contents: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly (number | string)[] }>>
    >
  >;
  readonly files: readonly { readonly name: string; readonly content: string; readonly file: string }[];
  readonly refused: Readonly<Record<string, string>>;
  readonly 'no state dict': Readonly<Record<string, string>>;
}

export function readTorchArchives(): TorchArchives {
  return JSON.parse(readFileSync(new URL('torch-archives.json', import.meta.url), 'utf8')) as TorchArchives;
}

/** The bytes of the golden file of that name. */
export function torchFile(name: string): Buffer {
  const found = readTorchArchives().files.find((each) => each.name === name);
  if (!found) throw new Error(`no golden file ${name}`);
  return Buffer.from(found.file, 'base64');
}
