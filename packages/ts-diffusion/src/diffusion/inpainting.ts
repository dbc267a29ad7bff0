import { ConfigError } from '../utils/errors.js';
import { denoiserFrom, type Denoiser } from './denoiser.js';
import { bytes, callback, floats, signature } from '../utils/arguments.js';

const withKnownPixelsArguments = signature('withKnownPixels', { denoiser: callback, known: floats, draw: bytes });

/**
 * A denoiser that knows some pixels: its prediction of x_0 has the known values there, and the network's where the mask says to
 * draw. Each sampler then keeps the known pixels on a path of the forward process to their values (the replacement method of Song
 * et al. 2021, told by x_0), and the network sees them at every step. The finished image has them exactly.
 *
 * Drawn and known pixels agree better where sampling goes back and forth: see `Resampling` (RePaint, Lugmayr et al. 2022).
 *
 * @param denoiser predicts x_0
 * @param known images in model range [B, C, H, W]
 * @param draw [B, C, H, W], not 0 where the image is to be drawn
 * @throws ConfigError where known and draw differ in length
 */
export function withKnownPixels(denoiser: Denoiser, known: Float32Array, draw: Uint8Array): Denoiser {
  withKnownPixelsArguments({ denoiser, known, draw });
  if (known.length !== draw.length) {
    throw new ConfigError(`A mask of ${draw.length} pixels does not fit images of ${known.length}.`);
  }
  return denoiserFrom(async (x, timesteps, labels) => {
    const prediction = await denoiser(x, timesteps, labels);
    return prediction.map((value, i) => (draw[i] === 0 ? (known[i] as number) : value));
  });
}
