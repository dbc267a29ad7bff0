import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { exportDiffusers } from '../../../ts-diffusion/src/pipeline/export-diffusers.js';
import type { PipelineModel } from '../../../ts-diffusion/src/pipeline/pipeline-model.js';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import { contents, frechet, hash } from '../../../ts-diffusion/test/evaluation/receipt-contents.js';
import { exportedModels, readExportGolden } from '../../../ts-diffusion/test/golden/unet2d-export.js';
import { diffusersPython } from '../../src/exporting/diffusers-python.js';
import { modelCard, type ModelCard } from '../../src/exporting/model-card.js';
import { withoutPaths } from '../../src/exporting/without-paths.js';

const GUIDED = exportedModels['ddpm, guided classes, zero terminal SNR'] as PipelineModel;

const card = (model: PipelineModel, others: Partial<ModelCard> = {}): string =>
  modelCard({ model, sampling: exportDiffusers(model).sampling, ...others });

test.each(Object.entries(readExportGolden().cases))(
  'the Python program of the card is the one that diffusers has run: %s',
  (name, { program }) => {
    const model = exportedModels[name] as PipelineModel;
    const text = diffusersPython(model, exportDiffusers(model).sampling);
    expect(createHash('sha256').update(text).digest('hex')).toBe(program);
    expect(card(model)).toContain(`\n\`\`\`python\n${text}\`\`\`\n`);
  },
);

describe('a model card', () => {
  test('begins with the metadata of the Hub, without a licence where none is given', () => {
    const head = `---
license: cc-by-4.0
library_name: diffusers
pipeline_tag: unconditional-image-generation
tags:
- ddpm
- class-conditional
- ts-diffusion
---
`;
    expect(card(GUIDED, { license: 'cc-by-4.0' }).startsWith(head)).toBe(true);
    expect(card(GUIDED).startsWith(head.replace('license: cc-by-4.0\n', ''))).toBe(true);
    expect(card(exportedModels['ddpm, linear by name'] as PipelineModel)).not.toContain('class-conditional');
  });

  test('names the classes, and lets no name end a line of Markdown or Python', () => {
    const text = card({ ...GUIDED, classNames: ['cat\n## Owned', '[a](b) <script>', 'Vögel'] });
    expect(text).toContain('of 3 classes: cat \\#\\# Owned, \\[a\\]\\(b\\) \\<script\\>, Vögel.');
    expect(text).toContain('# 0: cat ## Owned, 1: [a](b) <script>, 2: Vögel\n');
    expect(text).not.toMatch(/^## Owned/m);
  });

  test('tells how it was trained, or that this is not known', () => {
    expect(card(GUIDED)).toContain('does not say how it was trained');
    const config = resolveTrainConfig('paper', { batchSize: 64, flip: true, initialWeights: '/home/me/secret/run' });
    const text = card(GUIDED, { training: { config, step: 12_000, averaged: true, data: 'my_pets' } });
    expect(text).toContain('- images: my\\_pets\n- flipped horizontally at random\n');
    expect(text).toContain('- 12,000 steps of 64 images, learning rate 0.0001, loss l1, seed 0\n');
    expect(text).toContain('- weights: the moving average; the training began with the weights of another model\n');
    expect(text).toContain('- without its class: 50 % of the images\n');
    expect(text).not.toContain('secret');
  });

  test('has the scores of a receipt with what they are of, and no path or command of it', () => {
    const generation = {
      ...{ weights: hash('d'), step: 500, averaged: true, prediction: 'v', schedule: 'linear', timesteps: 12 },
      ...{ sampler: 'ddpm', samplingSteps: 12, options: {}, omega: 0.5, seed: 3 },
    };
    const receipt = {
      format: 'ts-diffusion receipt 1' as const,
      ...contents(frechet(2.5)),
      generation,
      warnings: ['fewer images than features'],
    };
    const text = card(GUIDED, { scores: { receipt, areOfWeights: true } });
    expect(text).toContain(
      'These weights, 2026-11-23: 10,000 images, drawn by ddpm in 12 steps, omega 0.5, seed 3.\n\nfewer images than features\n',
    );
    expect(text).toContain('| Frechet distance | 2.5 ± 0.1 (1.25 × floor) | 2 | lower |\n');
    expect(text).not.toContain('runs/a');
    expect(card(GUIDED, { scores: { receipt, areOfWeights: false } })).toContain(
      'Other weights of the same run (step 500)',
    );
  });

  test('says what diffusers does not do as it is done here', () => {
    const sampling = { sampler: 'heun', samplingSteps: 9, spacing: 'karras', guidanceWeight: 0 } as const;
    expect(card({ ...GUIDED, sampling })).toContain(
      "\nHere its sampler is heun; the folder's DDPMScheduler takes all 12 timesteps.\n",
    );
  });
});

test.each([
  ['MNIST (train split) in /home/me/.cache/my data/mnist', undefined, 'MNIST (train split)'],
  ['/home/me/my pets', '/home/me/my pets', 'my pets'],
  ['pets', 'pets', 'pets'],
  ['../pets/', '../pets/', 'pets'],
  ['C:\\Users\\me\\pets', undefined, 'pets'],
  ['/data/pets.npz', undefined, 'pets.npz'],
  ['hf:me/pets', 'hf:me/pets', 'hf:me/pets'],
  ['60 cats in a row', undefined, '60 cats in a row'],
])('%j, given as %j, is shown as %j', (text, known, shown) => {
  expect(withoutPaths(text, known)).toBe(shown);
});
