import { describe, expect, it } from 'vitest';
import { timestepSpacings } from '../../src/diffusion/timestep-spacing.js';
import { samplerNames } from '../../src/diffusion/samplers/index.js';
import { sweep, sweepTasks, type SweepSettings, type SweptCell, type SweptSchedule } from './sampler-sweep.js';

/** Schedules that leave little, next to nothing and nothing of the image at T. `bench/sampler-sweep.ts` has more of everything. */
const schedules: readonly SweptSchedule[] = [
  ['linear', 1000, {}],
  ['linear', 4000, {}],
  ['cosine', 1000, {}],
  ['sigmoid', 60, {}],
  ['linear', 2, { zeroTerminalSnr: true }],
  ['cosine', 1000, { zeroTerminalSnr: true }],
  ['flow', 1000, {}],
];
const settings: SweepSettings = {
  schedules,
  samplers: samplerNames,
  spacings: timestepSpacings,
  predictions: ['x0'],
  tasks: ['draw'],
  steps: [2, 3, 5, 20],
  imageSize: 6,
  seed: 0,
};

/** The combinations that are not finite or implausible, for people; and how many there were. */
async function swept(changes: Partial<SweepSettings>): Promise<{ failures: string[]; judged: number }> {
  const cells: SweptCell[] = [];
  for await (const cell of sweep({ ...settings, ...changes })) cells.push(cell);
  const failures = cells.filter(({ problem }) => problem !== undefined);
  return {
    failures: failures.map(({ task, sampler, schedule, prediction, spacing, steps, distance, bound, problem = '' }) => {
      const found = `${distance.toPrecision(3)} > ${bound.toPrecision(3)}, ${problem}`;
      return `${schedule} ${prediction} ${task} ${sampler} ${spacing} ${steps} steps: ${found}`;
    }),
    judged: cells.filter(({ bound }) => Number.isFinite(bound)).length,
  };
}

describe('images of a Gaussian mixture, of known distribution, are finite and plausible', () => {
  it('with every sampler, spacing and number of steps', async () => {
    const { failures, judged } = await swept({});
    expect(failures).toEqual([]);
    expect(judged).toBeGreaterThan(500);
  });

  it.each(sweepTasks)('%s, whatever the sampler', async (task) => {
    const { failures, judged } = await swept({ tasks: [task], spacings: ['even', 'trailing'], steps: [3, 20] });
    expect(failures).toEqual([]);
    expect(judged).toBeGreaterThan(6);
  });

  it.each(['epsilon', 'v', 'flow'] as const)('from a network that predicts %s', async (prediction) => {
    const changes = { predictions: [prediction], tasks: ['guide'], spacings: ['even', 'log-snr'] } as const;
    const { failures, judged } = await swept({ ...changes, steps: [5, 20] });
    expect(failures).toEqual([]);
    expect(judged).toBeGreaterThan(100);
  });
});
