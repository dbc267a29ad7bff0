import { createNodeRuntime } from '../../packages/ts-diffusion/src/node/runtime/node.js';
import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';
import type { TrainSession } from '../../packages/ts-diffusion/src/training/train-session.js';
import type { PyTorchPeer } from '../support/pytorch.js';
import { compare, say, table } from '../support/report.js';
import { alternate, summarise, timed } from '../support/statistics.js';
import { createSession, FORWARD_GFLOP, stepper, TRAIN_BATCH } from '../support/workload.js';

/** One training step beside PyTorch's, with all cores and with one. */
export async function benchmarkTraining(
  runtime: Runtime,
  peer: PyTorchPeer | null,
  peak: number,
  rounds: number,
): Promise<void> {
  let created: TrainSession | undefined;
  const creation = await timed(async () => (created = await createSession(runtime)));
  const session = created as unknown as TrainSession;
  const single = await createSession(await createNodeRuntime({ device: 'cpu', threads: 1 }));
  const contenders: Record<string, () => Promise<number>> = {
    'ts-diffusion': stepper(session),
    'ts-diffusion, 1 thread': stepper(single),
  };
  if (peer) {
    const request = { cmd: 'train', batch: TRAIN_BATCH, threads: runtime.threads };
    contenders['PyTorch'] = () => peer.milliseconds(request);
    contenders['PyTorch, channels_last'] = () => peer.milliseconds({ ...request, channels_last: true });
    contenders['PyTorch, channels_last, 1 thread'] = () =>
      peer.milliseconds({ ...request, channels_last: true, threads: 1 });
  }
  const results = await alternate(contenders, rounds);
  say(`\n## Training step, preset \`paper\`, batch ${TRAIN_BATCH}\n`);
  table(results);
  const ours = summarise(results['ts-diffusion'] ?? []).median;
  const gflops = (3 * FORWARD_GFLOP * TRAIN_BATCH * 1000) / ours;
  say(`- session creation: ${creation.toFixed(0)} ms`);
  say(
    `- ${gflops.toFixed(0)} GFLOPS, ${((100 * gflops) / peak).toFixed(0)} % of the matrix product's ${peak.toFixed(0)}`,
  );
  compare(results, (theirs) => `${(ours / theirs).toFixed(2)} of PyTorch's time`);
  await Promise.all([session.dispose(), single.dispose()]);
}
