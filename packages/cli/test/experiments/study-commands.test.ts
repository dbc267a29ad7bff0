import { expect, test } from 'vitest';
import { parseBudget } from '../../src/experiments/budget.js';
import { studyCommand } from '../../src/experiments/study-commands.js';
import type { Study } from '../../src/experiments/study.js';

const study: Study = { budget: parseBudget('tiny'), protocols: ['corrected'], parts: ['table3'] };

test('the command of a study is what it is, where nothing else was given', () => {
  expect(studyCommand(study, 'runs/study', { device: 'cpu', threads: 0 })).toMatch(
    /^diffusion reproduce --out runs\/study --budget steps=100,\S+ --protocols corrected --parts table3$/,
  );
});

test('it repeats every option that changes results', () => {
  const command = studyCommand(study, 'runs/study', {
    ...{ data: 'my images', fid: true, inceptionWeights: 'w.pth', device: 'webgpu', threads: 4, jobs: 2 },
    ...{ evaluator: 'e.safetensors', featureNetwork: 'f.safetensors', secondFeatureNetwork: 's.safetensors' },
  });
  for (const option of [
    ...['--data "my images"', '--fid', '--inception-weights w.pth', '--device webgpu', '--threads 4', '--jobs 2'],
    ...['--evaluator e.safetensors', '--feature-network f.safetensors', '--second-feature-network s.safetensors'],
  ]) {
    expect(`${command} `).toContain(` ${option} `);
  }
  expect(studyCommand(study, 'runs/study', { fromKept: 'models' })).toContain(' --from-kept models');
});
