import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from './report.js';
import { trainingCommand } from './speedrun-contenders.js';
import { alternate } from './statistics.js';
import { timedOutput } from './timed-command.js';

const SHORT = 5;
const LONG = 105;
/** The recipe's arithmetic does not depend on it. */
const SIDES = {
  'preset `quick`': {},
  PyTorch: { script: 'same_network.py' },
  'PyTorch, channels_last': { script: 'same_network.py', flags: ['--channels-last', '1'] },
};

/** Processor time of a step of the preset and of the same network in PyTorch: probes of 105 steps less probes of 5, in turns. */
export async function probeSteps(python: string, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'speedrun-'));
  let probes = 0;
  const probe = async (side: object, steps: number): Promise<number> => {
    const contender = { name: 'probe', title: 'probe', ...side, steps, samples: 0 };
    const command = trainingCommand(contender, { python, folder: join(folder, `${probes++}`), count: 0 });
    return (await timedOutput(command)).seconds;
  };
  try {
    const sides = Object.entries(SIDES).map(([name, side]) => [
      name,
      async () => (1000 * ((await probe(side, LONG)) - (await probe(side, SHORT)))) / (LONG - SHORT),
    ]);
    table(await alternate(Object.fromEntries(sides) as Record<string, () => Promise<number>>, rounds));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
