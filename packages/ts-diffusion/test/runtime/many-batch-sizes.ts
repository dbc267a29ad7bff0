import { denoiserParameters, type DenoiserConfig } from '../../src/models/denoiser-network.js';
import { CompiledDenoiser } from '../../src/pipeline/compiled-denoiser.js';
import type { Runtime } from '../../src/runtime/types.js';
import { countPrograms } from './live-programs.js';

const config: DenoiserConfig = {
  ...({ architecture: 'paper-unet', imageSize: 8, channels: [4, 8], classes: 10 } as const),
  ...{ imageChannels: 1, timeEmbedding: 32 },
};

/** Batches of 1 image up to this many. */
const SIZES = 24;

export interface ManySizes {
  /** Programs alive at once, the most. */
  readonly most: number;
  /** After `dispose`. */
  readonly left: number;
  /** Of the first image of each batch, before its program was freed and after it was compiled again. */
  readonly predictions: readonly [number[], number[]];
}

/** Runs a small network in batches of 1 to 24 images, and again in one of 1. */
export async function runManySizes(actual: Runtime): Promise<ManySizes> {
  const counted = countPrograms(actual);
  const denoiser = new CompiledDenoiser(counted.runtime, config, denoiserParameters(config).initialise(1));
  const predict = async (batch: number): Promise<number[]> => {
    const x = { shape: [batch, 1, 8, 8] as const, data: new Float32Array(64 * batch).fill(0.5) };
    const prediction = await denoiser.network(x, new Float32Array(batch).fill(3), new Int32Array(batch));
    return [...prediction.subarray(0, 64)];
  };
  const first = await predict(1);
  let most = 0;
  for (let batch = 2; batch <= SIZES; batch++) {
    await predict(batch);
    most = Math.max(most, counted.alive);
  }
  // All at once: none frees the program of another.
  await Promise.all(Array.from({ length: SIZES }, (_, i) => predict(1 + i)));
  const again = await predict(1);
  await denoiser.dispose();
  return { most, left: counted.alive, predictions: [first, again] };
}
