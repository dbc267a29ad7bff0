import { z } from 'zod';
import { parseJson } from '../formats/parse-json.js';
import type { DiffusersSampling } from './diffusers-sampling.js';
import type { PipelineModel } from './pipeline-model.js';

/** What this program knows of a model and the files of diffusers have no field for. */
export interface DiffusersMetadata {
  /** Whether the last of the class embeddings stands for an image without a class. */
  readonly nullClass?: boolean;
  readonly seenClasses?: readonly number[];
  readonly classNames?: readonly string[];
  /** What a Python program says in each call. */
  readonly guidanceWeight?: number;
  readonly samplingSteps?: number;
  /** Of DDIM. */
  readonly eta?: number;
  readonly noiseFrom?: 'clipped' | 'unclipped';
}

/** In the metadata of the safetensors, which diffusers does not look at. */
const FIELD = 'ts-diffusion';

const schema = z.strictObject({
  nullClass: z.boolean().exactOptional(),
  seenClasses: z.array(z.int().min(0)).min(1).exactOptional(),
  classNames: z.array(z.string()).min(1).exactOptional(),
  guidanceWeight: z.number().min(0).exactOptional(),
  samplingSteps: z.int().min(0).exactOptional(),
  eta: z.number().min(0).max(1).exactOptional(),
  noiseFrom: z.enum(['clipped', 'unclipped']).exactOptional(),
});

/** What `readDiffusersMetadata` reads again. */
export function diffusersMetadata(
  { model, schedule, seenClasses, classNames }: PipelineModel,
  sampling: DiffusersSampling,
): Record<string, string> {
  const { guidanceWeight, steps, scheduler, eta, usesClipped } = sampling;
  const known: DiffusersMetadata = {
    ...(model.architecture === 'unet2d' && model.nullClass && { nullClass: true }),
    ...(seenClasses !== undefined && { seenClasses }),
    ...(classNames !== undefined && { classNames }),
    guidanceWeight,
    samplingSteps: steps === schedule.timesteps ? 0 : steps,
    ...(scheduler === 'DDIMScheduler' && { eta, noiseFrom: usesClipped ? 'clipped' : 'unclipped' }),
  };
  return { [FIELD]: JSON.stringify(known) };
}

/** What `diffusersMetadata` wrote; nothing for files of other programs. @throws Error for anything else in its place */
export function readDiffusersMetadata(metadata: Readonly<Record<string, string>>): DiffusersMetadata {
  const text = metadata[FIELD];
  if (text === undefined) return {};
  const { success, data, error } = schema.safeParse(parseJson(text));
  if (success) return data;
  const [issue] = error.issues;
  throw new TypeError(`its metadata "${[FIELD, ...(issue?.path ?? [])].join('.')}": ${issue?.message ?? 'invalid'}`);
}
