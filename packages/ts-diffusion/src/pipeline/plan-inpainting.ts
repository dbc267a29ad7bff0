import { toModelRange } from '../utils/pixel-range.js';
import { withKnownPixels } from '../diffusion/inpainting.js';
import { ConfigError } from '../utils/errors.js';
import { imagesOf, type Span } from './batches.js';
import { changedSampling } from './changed-sampling.js';
import { checkImages } from './check-images.js';
import { refuseDistilled } from './distilled.js';
import { pixelsOf, type DrawableModel, type ImageKind } from './drawable-model.js';
import type { SamplerChoice, WithSampler } from '../diffusion/samplers/sampler-choice.js';
import type { InpaintOptions } from './sample-options.js';
import { createPlan, type SamplingPlan } from './sampling-plan.js';
import { bytes, numbers, options, signature } from '../utils/arguments.js';
import { drawable } from '../utils/argument-shapes.js';

const planInpaintingArguments = signature('planInpainting', {
  model: drawable,
  options: options({ labels: numbers, images: bytes, mask: bytes }),
});

/**
 * Plans to draw the pixels under a mask anew so that they fit the others (see `withKnownPixels`). The option `resampling` makes
 * both agree better, at a cost. What the options leave open is as `changedSampling` says.
 *
 * @throws ConfigError for images or a mask of another size, a distilled model, and as `planSampling`
 */
export function planInpainting<const Choice extends SamplerChoice = SamplerChoice>(
  model: DrawableModel,
  options: InpaintOptions & WithSampler<Choice>,
): SamplingPlan {
  planInpaintingArguments({ model, options });
  const { labels, images, mask, ...others }: InpaintOptions = options;
  const kind = model.model;
  checkImages(images, labels.length, kind);
  checkMask(mask, labels.length, kind);
  refuseDistilled(model, 'fit pixels to known ones');
  return createPlan(model, labels, changedSampling(model, others), ({ span, noise, denoiser }) => {
    const known = toModelRange(imagesOf(images, span, pixelsOf(kind)));
    const draw = maskOf(mask, span, kind);
    return {
      x: noise.next(),
      denoiser: withKnownPixels(denoiser, known, draw),
      finish: (x) => {
        known.forEach((level, i) => {
          if (draw[i] === 0) x[i] = level;
        });
      },
    };
  });
}

/** [count, C, H, W] of a mask [H, W] for all images or [N, H, W]. */
function maskOf(mask: Uint8Array, { first, count }: Span, kind: ImageKind): Uint8Array {
  const area = kind.imageSize ** 2;
  const pixels = pixelsOf(kind);
  const shared = mask.length === area;
  return Uint8Array.from({ length: count * pixels }, (_, i) => {
    const image = shared ? 0 : first + Math.floor(i / pixels);
    return mask[image * area + (i % area)] as number;
  });
}

function checkMask(mask: Uint8Array, count: number, { imageSize: size }: ImageKind): void {
  if (mask.length === size ** 2 || mask.length === count * size ** 2) return;
  throw new ConfigError(
    `A mask for ${count} images of ${size}x${size} needs ${size ** 2} or ${count * size ** 2} pixels, got ${mask.length}.`,
  );
}
