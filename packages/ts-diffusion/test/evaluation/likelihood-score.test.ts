import { afterAll, expect, test } from 'vitest';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { asX0 } from '../../src/diffusion/prediction.js';
import { bitsPerDim } from '../../src/evaluation/bits-per-dim.js';
import { scoredImages } from '../../src/evaluation/scored-images.js';
import { scoreLikelihood } from '../../src/evaluation/scores/likelihood.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { hashSequence } from '../golden/deterministic-weights.js';
import { tinyModel } from '../pipeline/tiny-model.js';

const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), tinyModel());
afterAll(() => pipeline.dispose());

const size = { height: 8, width: 8 };
const bytes = Uint8Array.from(hashSequence('bytes', 6 * 64), (hash) => hash % 256);
const labels = Int32Array.of(3, 1, 4, 1, 5, 9);
const hooks = { images: 6, seed: 2, onProgress: () => undefined };

test.each([
  ['their labels', labels, labels],
  ['no label where nobody knows them', null, new Int32Array(6).fill(NULL_LABEL)],
])('the likelihood of images is that under the model without guidance, given %s', async (_, known, given) => {
  const { scores } = await scoreLikelihood(pipeline, scoredImages(bytes, size, known, 'six'), hooks);
  const expected = await bitsPerDim(
    asX0(pipeline.network, pipeline.prediction, pipeline.schedule),
    pipeline.schedule,
    { shape: [6, 1, 8, 8], bytes, labels: given },
    { seed: 2 },
  );
  expect(scores[0]).toMatchObject({ value: expected.bits, standardDeviation: expected.standardError, better: 'lower' });
  expect(scores[0]?.conditions).toMatchObject({ samples: 6, settings: { termsPerImage: 10, timesteps: 10 } });
});
