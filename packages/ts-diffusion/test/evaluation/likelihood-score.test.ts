import { afterAll, expect, test } from 'vitest';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { asX0 } from '../../src/diffusion/prediction.js';
import { bitsPerDim } from '../../src/evaluation/bits-per-dim.js';
import { scoredImages, scoredPlanes } from '../../src/evaluation/scored-images.js';
import { scoreLikelihood } from '../../src/evaluation/scores/likelihood.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { EvaluationError } from '../../src/utils/errors.js';
import { hashSequence } from '../golden/deterministic-weights.js';
import { tinyModel, tinyUNet } from '../pipeline/tiny-model.js';

const runtime = await createNodeRuntime({ threads: 1 });
const pipeline = new DiffusionPipeline(runtime, tinyModel());
const model = { ...tinyUNet, imageChannels: 3 };
const coloured = new DiffusionPipeline(runtime, {
  ...tinyModel(),
  model,
  parameters: denoiserParameters(model).initialise(1),
});
afterAll(() => Promise.all([pipeline.dispose(), coloured.dispose()]));

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

test('that of coloured images is over all their channels', async () => {
  const planes = Uint8Array.from(hashSequence('planes', 2 * 3 * 64), (hash) => hash % 256);
  const reference = scoredPlanes(planes, { ...size, channels: 3 }, [3, 1], 'two');
  const { scores } = await scoreLikelihood(coloured, reference, { ...hooks, images: 2 });
  const expected = await bitsPerDim(
    asX0(coloured.network, coloured.prediction, coloured.schedule),
    coloured.schedule,
    { shape: [2, 3, 8, 8], bytes: planes, labels: Int32Array.of(3, 1) },
    { seed: 2 },
  );
  expect(scores[0]?.value).toBe(expected.bits);
});

test('images in other channels, or of another size, than the model draws are one clear error', async () => {
  const gray = scoredImages(bytes, size, labels, 'six');
  await expect(scoreLikelihood(coloured, gray, hooks)).rejects.toThrow(
    new EvaluationError(
      'Bits per dimension are of real images as the model draws them, 8x8 pixels in 3 channels; six holds images of 8x8 in ' +
        '1 channel. Give others as the reference, or leave bits per dimension out.',
    ),
  );
  const planes = scoredPlanes(new Uint8Array(3 * 64), { ...size, channels: 3 }, null, 'one');
  await expect(scoreLikelihood(pipeline, planes, hooks)).rejects.toThrow(/one holds images of 8x8 in 3 channels/);
  const wide = scoredImages(bytes, { height: 4, width: 16 }, null, 'wide');
  await expect(scoreLikelihood(pipeline, wide, hooks)).rejects.toThrow(/wide holds images of 16x4 in 1 channel\./);
});
