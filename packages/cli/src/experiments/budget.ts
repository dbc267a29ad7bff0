import { z } from 'zod';
import { samplerNames, timestepSpacings } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { parseConfig } from 'ts-diffusion/train';

/** Below this the metrics are not defined. */
const LEAST_IMAGES = 10;

const budgetSchema = z.strictObject({
  steps: z.int().positive().describe('training steps of each model'),
  samples: z.int().min(LEAST_IMAGES).describe('images per cell'),
  batch: z.int().positive().describe('images per training step'),
  channels: z.array(z.int().positive()).min(2).describe("the U-Net's channels; the paper's are 64-128-256"),
  learningRate: z.number().positive().describe("Adam's step size"),
  sampler: z.enum(samplerNames).describe('the sampler of the tables'),
  spacing: z.enum(timestepSpacings).describe('how its timesteps are spread'),
  samplingSteps: z.int().positive().describe('timesteps it visits'),
  fullChain: z.int().min(LEAST_IMAGES).describe('images drawn with all T steps, to compare the sampler with'),
  repeats: z.int().min(2).describe('seeds of Table 1'),
});

/** What a study may spend. */
export type Budget = z.infer<typeof budgetSchema>;

const full: Budget = {
  steps: 100_000,
  samples: 10_000,
  batch: 32,
  channels: [64, 128, 256],
  learningRate: 1e-4,
  sampler: 'ddim',
  spacing: 'even',
  samplingSteps: 50,
  fullChain: 1000,
  repeats: 5,
};

/** Named budgets, from the paper's to one that only shows that everything runs. */
export const budgets = {
  /** The paper's: several days on two cores. */
  full,
  /** About a day on two cores: the paper's network at a fifth of its training, half of its samples. */
  cpu: { ...full, steps: 20_000, samples: 5000, fullChain: 500 },
  /** Minutes: a network of a quarter of the width, barely trained. */
  tiny: {
    ...full,
    steps: 100,
    samples: 50,
    channels: [16, 32, 64],
    learningRate: 1e-3,
    samplingSteps: 10,
    fullChain: 10,
    repeats: 2,
  },
} satisfies Record<string, Budget>;

/**
 * Reads a budget: a name, or a list of settings that change the full one or the one named first, e.g. `cpu`,
 * `steps=600,samples=300`, `tiny,samples=100,channels=8-16-32`.
 *
 * @throws ConfigError for an unknown name or setting, and for a value out of range
 */
export function parseBudget(text: string): Budget {
  const items = text.split(',').map((item) => item.trim());
  const [first = ''] = items;
  const isNamed = !first.includes('=');
  if (isNamed && !Object.hasOwn(budgets, first)) {
    throw new ConfigError(
      `Unknown budget "${first}". Budgets: ${Object.keys(budgets).join(', ')}, or steps=N,samples=M.`,
    );
  }
  const base = isNamed ? budgets[first as keyof typeof budgets] : full;
  const changes = (isNamed ? items.slice(1) : items).map((item): [string, unknown] => {
    const [name = '', value = ''] = item.split('=');
    const key = name.trim().replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [key, settingValue(key, value)];
  });
  return parseConfig(budgetSchema, { ...base, ...Object.fromEntries(changes) }, `budget "${text}"`);
}

/** The budget in the words of `parseBudget`, complete. */
export function describeBudget(budget: Budget): string {
  return Object.entries(budget)
    .map(([name, value]) => {
      const key = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `${key}=${Array.isArray(value) ? value.join('-') : value}`;
    })
    .join(',');
}

function settingValue(key: string, text: string): unknown {
  if (key === 'channels') return text.split('-').map(Number);
  return key === 'sampler' || key === 'spacing' ? text : Number(text === '' ? NaN : text);
}
