import { Command } from 'commander';
import { expect, test } from 'vitest';
import { evaluationDefaults } from '../../../ts-diffusion/src/evaluation/evaluate.js';
import { configureEvaluate } from '../../src/commands/evaluate.js';

test('an ImageScorer scores by the defaults of diffusion evaluate', () => {
  const command = new Command();
  configureEvaluate(command);
  // The seed is one of the options of drawing.
  const { seed = 0, ...options } = command.opts<Partial<Record<keyof typeof evaluationDefaults, number>>>();
  expect({ ...options, seed }).toMatchObject(evaluationDefaults);
});
