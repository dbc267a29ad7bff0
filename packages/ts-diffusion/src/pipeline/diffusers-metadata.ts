import { z } from 'zod';
import { parseJson } from '../formats/parse-json.js';
import type { PipelineModel } from './pipeline-model.js';

/** What this program knows of a model's classes and `config.json` has no field for. */
export interface DiffusersMetadata {
  /** Whether the last of the class embeddings stands for an image without a class. */
  readonly nullClass?: boolean;
  readonly seenClasses?: readonly number[];
  readonly classNames?: readonly string[];
}

/** The metadata of the safetensors, which diffusers keeps out of the model: `ts-diffusion.classes`, JSON. */
const FIELD = 'ts-diffusion.classes';

const schema = z.strictObject({
  nullClass: z.boolean().exactOptional(),
  seenClasses: z.array(z.int().min(0)).min(1).exactOptional(),
  classNames: z.array(z.string()).min(1).exactOptional(),
});

/** Metadata that say what is known of the classes; none where nothing is. */
export function diffusersMetadata({ model, seenClasses, classNames }: PipelineModel): Record<string, string> {
  const known: DiffusersMetadata = {
    ...(model.architecture === 'unet2d' && model.nullClass && { nullClass: true }),
    ...(seenClasses !== undefined && { seenClasses }),
    ...(classNames !== undefined && { classNames }),
  };
  return Object.keys(known).length === 0 ? {} : { [FIELD]: JSON.stringify(known) };
}

/** What `diffusersMetadata` wrote; nothing for files of other programs. @throws Error for anything else in its place */
export function readDiffusersMetadata(metadata: Readonly<Record<string, string>>): DiffusersMetadata {
  const text = metadata[FIELD];
  if (text === undefined) return {};
  const { success, data, error } = schema.safeParse(parseJson(text));
  if (success) return data;
  throw new TypeError(`its metadata "${FIELD}": ${error.issues[0]?.message ?? 'invalid'}`);
}
