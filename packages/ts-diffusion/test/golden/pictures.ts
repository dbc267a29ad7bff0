import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { shippedModel, shippedModels } from '../../src/node/models/shipped-models.js';

const SIDE = 28;

/** A ring and a bar, bright on dark: something that a digit model can make a digit of. */
const drawings = Uint8Array.from({ length: 2 * SIDE ** 2 }, (_, i) => {
  const pixel = i % SIDE ** 2;
  const [x, y] = [(pixel % SIDE) - 13.5, Math.floor(pixel / SIDE) - 13.5];
  const distance = i < SIDE ** 2 ? Math.abs(Math.sqrt(x * x + y * y) - 7) : Math.max(Math.abs(x), Math.abs(y) - 8);
  return Math.round(Math.max(0, 255 - 80 * Math.max(0, distance - 1)));
});
const mask = Uint8Array.from({ length: SIDE ** 2 }, (_, i) => (i % SIDE >= SIDE / 2 ? 255 : 0));

/** The shipped models of digits in gray, which the drawings fit, but for the student, which draws in its own ways alone. */
const models = shippedModels().filter(({ id }) => !['colour', 'student'].includes(id));

/** What of the models' own way of drawing was another one when the pictures were made. */
const shippedThen: Readonly<Record<string, { readonly guidanceWeight: number }>> = { modern: { guidanceWeight: 0.45 } };

/** Pictures of these models, drawn on the CPU with one thread, by name: [N, 28, 28], 0..255. */
export async function shippedPictures(): Promise<Record<string, Uint8Array>> {
  const pictures: Record<string, Uint8Array> = {};
  for (const { id } of models) {
    const { path, sampling } = shippedModel(id);
    const pipeline = await DiffusionPipeline.load(path, { threads: 1 });
    try {
      // As the networks draw: the models have got tone curves since.
      const rawLevels = true;
      const few = { labels: [0, 1], seed: 4, samplingSteps: 4, guidanceWeight: 1, rawLevels };
      const end = (label: number, index: number) => ({ label, noise: pipeline.initialNoise(4, index) });
      const drawn = {
        'as shipped': pipeline.generate({ labels: [3, 8, -1], seed: 4, ...sampling, ...shippedThen[id], rawLevels }),
        ddpm: pipeline.generate({ ...few, sampler: 'ddpm', clipX0: true }),
        edit: pipeline.edit({ ...few, images: drawings, strength: 0.7, sampler: 'dpm-solver++', spacing: 'even' }),
        inpaint: pipeline.inpaint({ ...few, images: drawings, mask, sampler: 'ddpm', resampling: { jump: 2, times: 2 }, clipX0: true }),
        interpolate: pipeline.interpolate({ from: end(4, 0), to: end(9, 1), frames: 3, samplingSteps: 4, guidanceWeight: 0.5, rawLevels }),
      };
      for (const [name, images] of Object.entries(drawn)) pictures[`${id}: ${name}`] = (await images).images;
      // One iteration: whether two settle must not hang on the rounding of a CPU.
      const encoded = await pipeline.encode({ images: drawings, labels: [0, 1], samplingSteps: 50, iterations: 1 });
      pictures[`${id}: encode`] = encoded.reconstruction;
    } finally {
      await pipeline.dispose();
    }
  }
  return pictures;
}
