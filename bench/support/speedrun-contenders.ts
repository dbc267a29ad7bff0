import { resolveTrainConfig } from '../../packages/ts-diffusion/src/training/config.js';

/** A program that trains in bench/speedrun.ts, and how. */
export interface Contender {
  /** Also its folder. */
  readonly name: string;
  readonly title: string;
  /** File of bench/peer/speedrun; absent: this project's preset. */
  readonly script?: string;
  readonly flags?: readonly string[];
  /** Steps of a recipe whose learning rate falls to zero at the end; absent: draws at each `seconds`. */
  readonly steps?: number;
  /** Processor time, s. */
  readonly seconds?: readonly number[];
  /** Images drawn, where they are fewer: networks that take minutes for a thousand. */
  readonly samples?: number;
}

const { steps: all } = resolveTrainConfig('quick');
const shares = [1, 1 / 2, 1 / 4, 1 / 8].map((share) => Math.floor(all * share));

/** @param seconds what the preset's training costs, processor time */
export function contendersFor(seconds: number): readonly Contender[] {
  return [
    ...shares.map((steps) => ({ name: `preset-${steps}`, title: 'preset `quick`', steps })),
    ...shares.slice(0, 3).map((steps) => ({
      ...{ name: `same-network-${steps}`, title: 'the same network and recipe in PyTorch', steps },
      ...{ script: 'same_network.py', flags: ['--channels-last', '1'] },
    })),
    {
      ...{
        name: 'diffusers',
        title: 'diffusers, class-conditioned UNet2DModel of its course',
        script: 'diffusers_course.py',
      },
      ...{ flags: ['--sampling-steps', '20'], seconds: [seconds, 3 * seconds], samples: 1000 },
    },
    {
      ...{ name: 'lucidrains', title: 'denoising-diffusion-pytorch, README', script: 'lucidrains.py' },
      ...{ flags: ['--sampling-steps', '20'], seconds: [seconds], samples: 500 },
    },
    {
      ...{ name: 'lucidrains-small', title: 'denoising-diffusion-pytorch, smaller', script: 'lucidrains.py' },
      ...{ flags: ['--width', '32', '--factors', '1,2,4', '--rate', '1e-3', '--sampling-steps', '20'] },
      ...{ seconds: [seconds], samples: 500 },
    },
  ];
}
