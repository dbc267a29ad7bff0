/** Samples from a trained model into a PNG. `npx tsx examples/sample.ts [run folder] [png]` */
import { DiffusionPipeline, encodePng, imageGrid, writeFileAtomic } from '../src/index.js';

const [run = 'runs/tiny', out = 'output/example.png'] = process.argv.slice(2);
const pipeline = await DiffusionPipeline.load(run);
const samples = await pipeline.generate({ labels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], omega: 0.2, seed: 1 });
await pipeline.dispose();

const grid = imageGrid(samples.images, samples, 5);
writeFileAtomic(out, encodePng(grid.data, grid.width, grid.height));
console.log(`${samples.count} images in ${out}`);
