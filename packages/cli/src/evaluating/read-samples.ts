import { say } from '../output/say.js';
import { readDrawnShards } from '../sharding/image-shards.js';
import type { Samples } from './samples.js';

/** The images of a file or folder, or of shards that `diffusion sample` drew. @throws DataError where there are none */
export async function readSamples(path: string): Promise<Samples> {
  const { holdsShards, readScoredImages } = await import('ts-diffusion/node');
  if (!holdsShards(path)) return { images: await readScoredImages(path, 'test', say), generation: null };
  return readDrawnShards(path);
}
