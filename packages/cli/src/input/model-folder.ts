import { readdirSync } from 'node:fs';
import { DataError } from 'ts-diffusion/errors';

/** Makes sure that a folder holds a model: a run, or an export. @throws DataError where it does not */
export function checkModelFolder(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new DataError(`cannot read the folder ${folder}: ${(error as Error).message}`, { cause: error });
  }
  if (names.some((name) => /\.safetensors$|\.onnx$|^model_index\.json$/.test(name))) return;
  throw new DataError(
    `${folder} holds no model; expected a run folder with a checkpoint, or one written by diffusion export`,
  );
}
