import { expectTypeOf, test } from 'vitest';
import { denoiserFrom, networkFrom, type Denoiser, type Network, type Predict } from '../../src/diffusion/denoiser.js';
import { withGuidance } from '../../src/diffusion/guidance.js';
import type { invert } from '../../src/diffusion/inversion.js';
import type { asX0 } from '../../src/diffusion/prediction.js';
import type { reverseProcess } from '../../src/diffusion/reverse-process.js';
import type { bitsPerDim } from '../../src/evaluation/bits-per-dim.js';

type DenoiserOf<F extends (...args: never) => unknown, At extends number> = Parameters<F>[At];

// `npm run types` fails where one of these is no longer so: vitest itself does not check types.
test('a network and a denoiser cannot be taken for each other', () => {
  expectTypeOf<Network>().not.toExtend<Denoiser>();
  expectTypeOf<Denoiser>().not.toExtend<Network>();
  expectTypeOf<Predict>().not.toExtend<Denoiser>();
  expectTypeOf<Predict>().not.toExtend<Network>();
});

test('what takes a prediction of x_0 takes no network', () => {
  expectTypeOf<DenoiserOf<typeof reverseProcess, 1>>().toEqualTypeOf<Denoiser>();
  expectTypeOf<DenoiserOf<typeof invert, 0>>().toEqualTypeOf<Denoiser>();
  expectTypeOf<DenoiserOf<typeof bitsPerDim, 0>>().toEqualTypeOf<Denoiser>();
  expectTypeOf<DenoiserOf<typeof asX0, 0>>().toEqualTypeOf<Network>();
});

test('guidance keeps what is predicted', () => {
  const predict: Predict = (x) => Promise.resolve(x.data);
  expectTypeOf(withGuidance(networkFrom(predict), 1)).toEqualTypeOf<Network>();
  expectTypeOf(withGuidance(denoiserFrom(predict), 1)).toEqualTypeOf<Denoiser>();
});
