/** Draws ten digits into a PNG, with a model of the package or of a run folder. `npx tsx examples/sample.ts [png] [run folder]` */
import { DiffusionPipeline } from 'ts-diffusion';
import { encodePng, imageGrid } from 'ts-diffusion/images';
import { shippedModel, writeFileAtomic } from 'ts-diffusion/node';

const [out = 'output/example.png', run] = process.argv.slice(2);
const { path, sampling } = shippedModel();
const pipeline = await DiffusionPipeline.load(run ?? path);
const labels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const samples = await pipeline.generate({
  labels,
  seed: 1,
  ...(run === undefined ? sampling : { guidanceWeight: 0.2 }),
});
await pipeline.dispose();

const grid = imageGrid(samples.images, samples, 5);
writeFileAtomic(out, encodePng(grid.data, grid.width, grid.height));
console.log(`${samples.count} images in ${out}`);
