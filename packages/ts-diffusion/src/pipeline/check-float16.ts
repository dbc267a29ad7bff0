import { ConfigError } from '../utils/errors.js';
import { FLOAT16_OVERFLOW } from '../utils/float16.js';

/** @throws ConfigError where a weight is beyond what float16 holds */
export function checkFitsFloat16(parameters: Float32Array): void {
  const tooLarge = parameters.find((weight) => Math.abs(weight) >= FLOAT16_OVERFLOW);
  if (tooLarge === undefined) return;
  throw new ConfigError(`A weight is ${tooLarge}, which is infinite in float16. Export without --half.`);
}
