import { ProgressBar } from '../output/progress.js';
import { say } from '../output/say.js';

/** The files of a diffusers repository that are read: configurations and weights in safetensors. */
const WANTED =
  /(?:^|\/)(?:model_index\.json|config\.json|scheduler_config\.json|diffusion_pytorch_model\.safetensors)$/;

/** Where a model is read from. */
export interface DiffusersSource {
  readonly folder: string;
  /** For people: the folder, or the address with the commit that was downloaded. */
  readonly name: string;
}

/**
 * The folder on this machine that an argument of `diffusion import` names; a model of the Hub is downloaded into the cache.
 *
 * @throws as `downloadRepository`
 */
export async function resolveDiffusersFolder(source: string, offline: boolean): Promise<DiffusersSource> {
  const { downloadRepository, isHubAddress } = await import('ts-diffusion/node');
  if (!isHubAddress(source)) return { folder: source, name: source };
  const progress = new ProgressBar();
  const { folder, address } = await downloadRepository(source, {
    kind: 'model',
    wanted: (path) => WANTED.test(path),
    offline,
    onMessage: say,
    onProgress: ({ received, total }) => {
      if (total !== undefined) progress.update(received, total, 'bytes');
    },
  }).finally(() => {
    progress.stop();
  });
  return { folder, name: address };
}
