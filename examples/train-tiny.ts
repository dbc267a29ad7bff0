/** Trains a very small model for a few steps and saves it as a run folder. `npx tsx examples/train-tiny.ts [folder]` */
import { createRuntime } from 'ts-diffusion';
import { loadDataset, RunFolder } from 'ts-diffusion/node';
import { resolveTrainConfig, train } from 'ts-diffusion/train';

const config = resolveTrainConfig('quick', {
  channels: [8, 16],
  timesteps: 50,
  samplingSteps: 0,
  steps: 60,
  logEvery: 20,
  warmupSteps: 10,
  checkpointEvery: 60,
  offline: true,
});
const folder = RunFolder.create(process.argv[2] ?? 'runs/tiny', config);
const dataset = await loadDataset({ split: 'train', offline: true });
const runtime = await createRuntime();

for await (const event of train({ config, dataset, runtime, store: folder })) {
  if (event.type === 'step' && event.step % 20 === 0) console.log(`step ${event.step}: loss ${event.loss.toFixed(3)}`);
}
folder.close();
console.log(`saved to ${folder.path}`);
