import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import type { TrainConfig } from '../../../ts-diffusion/src/training/config.js';
import type { Task } from '../../src/sweep/running/task.js';

/** A training of a tiny network on the images in `data` of a folder, ready to be begun. */
export function trainingTask(root: string, name: string, changes: Partial<TrainConfig> = {}): Task {
  const config = resolveTrainConfig('paper', {
    ...{
      channels: [4, 8],
      patchSize: 2,
      timesteps: 10,
      batchSize: 4,
      checkpointEvery: 50,
      sampleEvery: 0,
    },
    ...{ data: join(root, 'data'), validateEvery: 0, ...changes },
  });
  const output = `trainings/${name}`;
  mkdirSync(join(root, output), { recursive: true });
  writeFileSync(join(root, output, 'config.json'), JSON.stringify(config));
  const command = ['train', '--run', output, '--resume'];
  return { id: name, name, command, output, needs: [], work: 1, begun: 0, phase: 'training' };
}
