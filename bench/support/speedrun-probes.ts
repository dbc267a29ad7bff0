import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createNoiseSchedule } from '../../packages/ts-diffusion/src/diffusion/noise-schedule.js';
import { loadEmbeddedDigits } from '../../packages/ts-diffusion/src/node/data/embedded.js';
import { createNodeRuntime } from '../../packages/ts-diffusion/src/node/runtime/node.js';
import { shippedDigitFiles } from '../../packages/ts-diffusion/src/shipped/digits.js';
import { resolveTrainConfig } from '../../packages/ts-diffusion/src/training/resolve-config.js';
import { modelFor } from '../../packages/ts-diffusion/src/training/model-for-data.js';
import { initialState } from '../../packages/ts-diffusion/src/training/optimizer-session.js';
import { TrainSession } from '../../packages/ts-diffusion/src/training/train-session.js';
import { trainingBatch } from '../../packages/ts-diffusion/src/training/training-batch.js';
import { say, table } from './report.js';
import { alternate } from './statistics.js';

/** Of one probe. */
const STEPS = 10;

/** Steps of the preset on one thread; ms of processor time of one of them. */
async function presetProbe(): Promise<() => Promise<number>> {
  const config = resolveTrainConfig('quick');
  const digits = await loadEmbeddedDigits();
  const { batchSize, loss, optimizer, adamBeta1, learningRate, emaDecay } = config;
  const session = await TrainSession.create(await createNodeRuntime({ device: 'cpu', threads: 1 }), {
    ...{ model: modelFor(config, digits), batchSize, loss, optimizer, betas: [adamBeta1, 0.999] },
  });
  session.writeState(initialState(session.layout, 0));
  const schedule = createNoiseSchedule(config.schedule, config.timesteps);
  let step = 0;
  return async () => {
    const before = process.cpuUsage();
    for (let i = 0; i < STEPS; i++) {
      step++;
      await session.step(trainingBatch(digits, schedule, config, step), { step, learningRate, emaDecay });
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / STEPS;
  };
}

/** The same network in PyTorch (bench/peer/speedrun/step_times.py) as a process that is asked for the time of some steps. */
async function startPeer(python: string) {
  const script = fileURLToPath(new URL('../peer/speedrun/step_times.py', import.meta.url));
  const digits = dirname(fileURLToPath(shippedDigitFiles.images));
  const child: ChildProcess = spawn(python, [script, digits], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdin === null || child.stdout === null) throw new Error(`${python} has no pipes`);
  const { stdin } = child;
  const lines = createInterface(child.stdout);
  const answer = async (): Promise<{ readonly ms?: number; readonly version?: string }> => {
    const [line] = (await once(lines, 'line')) as [string];
    return JSON.parse(line) as { ms?: number; version?: string };
  };
  const { version = 'PyTorch' } = await answer();
  const milliseconds = async (isChannelsLast: boolean): Promise<number> => {
    stdin.write(`${JSON.stringify({ channels_last: Number(isChannelsLast), steps: STEPS })}\n`);
    return (await answer()).ms ?? NaN;
  };
  return { version, milliseconds, stop: () => child.kill() };
}

/** Processor time of a step of the preset and of the same network and recipe in PyTorch, on one thread, ten steps of each in turn. */
export async function probeSteps(python: string, rounds: number): Promise<void> {
  const preset = await presetProbe();
  const peer = await startPeer(python);
  say(`${peer.version}:\n`);
  const contenders = {
    'preset `quick`': preset,
    PyTorch: () => peer.milliseconds(false),
    'PyTorch, channels_last': () => peer.milliseconds(true),
  };
  table(await alternate(contenders, rounds));
  peer.stop();
}
