import { z } from 'zod';
import { samplerNames, timestepSpacings } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { parseConfig, trainConfigSchema } from 'ts-diffusion/train';

/** Below this the metrics are not defined. */
const LEAST_IMAGES = 10;

const { learningRateDecay, optimizer, adamBeta1 } = trainConfigSchema.shape;

const budgetSchema = z.strictObject({
  steps: z.int().positive().describe('training steps of each model'),
  samples: z.int().min(LEAST_IMAGES).describe('images per cell'),
  batch: z.int().positive().describe('images per training step'),
  channels: z.array(z.int().positive()).min(2).describe("the U-Net's channels; the paper's are 64-128-256"),
  learningRate: z.number().positive().describe("the optimizer's step size after the warm-up"),
  warmupSteps: z.int().nonnegative().describe('steps of linear warm-up'),
  learningRateDecay: learningRateDecay.unwrap().describe('after the warm-up: none, or cosine'),
  optimizer: optimizer.unwrap().describe('adam or muon'),
  adamBeta1: adamBeta1.unwrap().describe("decay rate of Adam's first moment and of Muon's momentum"),
  sampler: z.enum(samplerNames).describe('the sampler of the tables'),
  spacing: z.enum(timestepSpacings).describe('how its timesteps are spread'),
  samplingSteps: z.int().positive().describe('timesteps it visits'),
  fullChain: z.int().min(LEAST_IMAGES).describe('images drawn with all T steps, to compare the sampler with'),
  fullChainModels: z
    .enum(['base', 'all'])
    .describe('of which models: the base setting of the corrected protocol, or all of Table 2'),
  fullChainSeeds: z.int().positive().describe('of how many of their training seeds'),
  repeats: z.int().min(2).describe('sampling seeds of Table 1'),
  baseSeeds: z.int().positive().describe('training seeds of the base setting, corrected protocol'),
  otherSeeds: z.int().positive().describe('training seeds of the other settings of Table 2, corrected protocol'),
  guidance: z.array(z.number().nonnegative()).min(1).describe('guidance weights of Table 3'),
  judges: z.int().nonnegative().describe('fresh networks for each view of the two-sample test; 0: no such test'),
});

/** What a study may spend. */
export type Budget = z.infer<typeof budgetSchema>;

const full: Budget = {
  steps: 100_000,
  samples: 10_000,
  batch: 32,
  channels: [64, 128, 256],
  learningRate: 1e-4,
  warmupSteps: 0,
  learningRateDecay: 'none',
  optimizer: 'adam',
  adamBeta1: 0.9,
  sampler: 'ddim',
  spacing: 'even',
  samplingSteps: 50,
  fullChain: 1000,
  fullChainModels: 'base',
  fullChainSeeds: 1,
  repeats: 5,
  baseSeeds: 1,
  otherSeeds: 1,
  guidance: [0, 0.2, 0.5],
  judges: 0,
};

/** How a network of the paper's width is trained in a fifth of the paper's steps: with warm-up, and a rate that falls to zero. */
const shortTraining = {
  steps: 20_000,
  optimizer: 'adam',
  adamBeta1: 0.9,
  learningRate: 6e-4,
  warmupSteps: 500,
  learningRateDecay: 'cosine',
} satisfies Partial<Budget>;

/** Named budgets, from the paper's to one that only shows that everything runs. */
export const budgets = {
  /** The paper's: several days on two cores. */
  full,
  /** The paper's network in a fifth of its steps, several trainings of each setting, the full chain of every model. */
  'paper-width': {
    ...full,
    ...shortTraining,
    sampler: 'dpm-solver++',
    spacing: 'trailing',
    samplingSteps: 10,
    fullChain: 500,
    fullChainModels: 'all',
    baseSeeds: 3,
    otherSeeds: 2,
    guidance: [0, 0.2, 0.5, 1, 2],
    judges: 1,
  },
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
    const [name = '', value, ...more] = item.split('=');
    if (value === undefined || more.length > 0) {
      throw new ConfigError(
        `budget "${text}": "${item}" is no setting. Settings are written NAME=VALUE, with commas between them.`,
      );
    }
    const key = name.trim().replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [key, settingValue(key, value)];
  });
  return parseConfig(budgetSchema, { ...base, ...Object.fromEntries(changes) }, `budget "${text}"`);
}

/** The budget in the words of `parseBudget`, complete. */
export function describeBudget(budget: Budget): string {
  return Object.entries(budget)
    .map(([name, value]) => `${settingName(name)}=${Array.isArray(value) ? value.join('-') : value}`)
    .join(',');
}

/** Fields that are lists of numbers, and those that are words; all others are numbers. */
const LISTS: readonly string[] = ['channels', 'guidance'];
const WORDS: readonly string[] = ['sampler', 'spacing', 'learningRateDecay', 'optimizer', 'fullChainModels'];

function settingValue(key: string, text: string): unknown {
  if (LISTS.includes(key)) return text.split('-').map((item) => numberOf(key, item, text));
  return WORDS.includes(key) ? text : numberOf(key, text, text);
}

/** `Number` takes nothing for 0. @param within the value that it is in, for the message */
function numberOf(key: string, text: string, within: string): number {
  const value = Number(text);
  if (text.trim() !== '' && !Number.isNaN(value)) return value;
  const what = within === text ? 'a number' : 'numbers with one hyphen between two of them, such as 0-0.2-0.5';
  throw new ConfigError(`budget: "${settingName(key)}" is "${within}"; expected ${what}.`);
}

/** The settings of a budget as they are written, for help. */
export const budgetSettings: readonly { readonly name: string; readonly description: string }[] = Object.entries(
  budgetSchema.shape,
).map(([key, field]) => ({ name: settingName(key), description: field.description ?? '' }));

function settingName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
