import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shippedDigitFiles } from '../../packages/ts-diffusion/src/shipped/digits.js';

/** A program that trains in bench/speedrun.ts, and how. */
export interface Contender {
  /** Also its folder. */
  readonly name: string;
  readonly title: string;
  /** File of bench/peer/speedrun; absent: this project's preset. */
  readonly script?: string;
  readonly flags?: readonly string[];
  /** Steps of a recipe whose learning rate falls to zero at the end; absent: draws at each of `seconds`. */
  readonly steps?: number;
  /** Processor time, s. */
  readonly seconds?: readonly number[];
  /** Images drawn, where they are fewer than usual: of networks that take minutes for a thousand. */
  readonly samples?: number;
}

const SAME_NETWORK = { script: 'same_network.py', flags: ['--channels-last', '1'] };
const LUCIDRAINS = { script: 'lucidrains.py', samples: 100 };
const samplingSteps = (steps: number) => ['--sampling-steps', `${steps}`];
const SMALLER = ['--width', '32', '--factors', '1,2,4', '--rate', '1e-3'];

/**
 * @param seconds processor time that the preset's training takes
 * @param longer further budget of the two PyTorch programs, s
 */
export function contendersFor(seconds: number, longer: number): readonly Contender[] {
  const preset = [675, 900, 1350, 2700].map((steps) => ({ name: `preset-${steps}`, title: 'preset `quick`', steps }));
  const same = [675, 1350, 2700].map((steps) => ({
    ...{ name: `same-network-${steps}`, title: 'the same network and recipe in PyTorch', steps },
    ...SAME_NETWORK,
  }));
  const course = { title: 'diffusers, course', script: 'diffusers_course.py', samples: 300 };
  return [
    ...preset,
    ...same,
    { name: 'diffusers', ...course, flags: samplingSteps(20), seconds: [seconds, longer] },
    {
      name: 'lucidrains',
      title: 'lucidrains, README',
      ...LUCIDRAINS,
      flags: samplingSteps(10),
      seconds: [seconds, longer],
    },
    {
      ...{ name: 'lucidrains-small', title: 'lucidrains, smaller network', ...LUCIDRAINS },
      ...{ flags: [...SMALLER, ...samplingSteps(20)], seconds: [seconds] },
    },
  ];
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const diffusionCommand = [process.execPath, here('../../packages/cli/dist/main.js')] as const;

/** The command that trains a contender on one thread; PyTorch programs also draw, and print a line of JSON for each drawing. */
export function trainingCommand(
  { script, steps = 0, seconds = [], flags = [], samples }: Contender,
  { python, folder, count }: { readonly python: string; readonly folder: string; readonly count: number },
): string[] {
  if (script === undefined) {
    const run = ['--run', join(folder, 'run'), '--preset', 'quick', '--steps', `${steps}`];
    return [...diffusionCommand, 'train', ...run, '--data', 'embedded', '--threads', '1'];
  }
  const digits = dirname(fileURLToPath(shippedDigitFiles.images));
  const places = ['--digits', digits, '--out', folder, '--samples', `${samples ?? count}`];
  const budget = ['--steps', `${steps}`, '--seconds', ...seconds.map(String)];
  return [python, here(`../peer/speedrun/${script}`), ...places, ...budget, ...flags];
}
