import { denoiserParameters } from '../../packages/ts-diffusion/src/models/denoiser-network.js';
import { paperUNet } from '../../packages/ts-diffusion/src/models/unet.js';
import { CompiledDenoiser } from '../../packages/ts-diffusion/src/pipeline/compiled-denoiser.js';
import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';
import { RandomStream } from '../../packages/ts-diffusion/src/utils/random.js';
import type { PyTorchPeer } from '../support/pytorch.js';
import { compare, say, table } from '../support/report.js';
import { alternate, summarise, timed } from '../support/statistics.js';
import { FORWARD_GFLOP } from '../support/workload.js';

const SAMPLE_BATCH = 256;

/** The denoiser's forward pass at the batch size of sampling, beside PyTorch's. */
export async function benchmarkForward(
  runtime: Runtime,
  peer: PyTorchPeer | null,
  peak: number,
  rounds: number,
): Promise<void> {
  const denoiser = new CompiledDenoiser(runtime, paperUNet, denoiserParameters(paperUNet).initialise(0));
  const data = new Float32Array(SAMPLE_BATCH * 784);
  new RandomStream(0).fillNormal(data);
  const timesteps = Float32Array.from({ length: SAMPLE_BATCH }, (_, i) => 1 + 3 * i);
  const labels = Int32Array.from({ length: SAMPLE_BATCH }, (_, i) => i % 10);
  const contenders: Record<string, () => Promise<number>> = {
    'ts-diffusion': () => timed(() => denoiser.network({ shape: [SAMPLE_BATCH, 1, 28, 28], data }, timesteps, labels)),
  };
  if (peer) {
    const request = { cmd: 'forward', batch: SAMPLE_BATCH, threads: runtime.threads };
    contenders['PyTorch'] = () => peer.milliseconds(request);
    contenders['PyTorch, channels_last'] = () => peer.milliseconds({ ...request, channels_last: true });
    contenders['PyTorch, channels_last, chunks of 64'] = () =>
      peer.milliseconds({ ...request, channels_last: true, chunk: 64 });
  }
  const results = await alternate(contenders, rounds);
  await denoiser.dispose();
  say(`\n## Denoiser forward, batch ${SAMPLE_BATCH}\n`);
  table(results);
  const ours = summarise(results['ts-diffusion'] ?? []).median;
  const gflops = (FORWARD_GFLOP * SAMPLE_BATCH * 1000) / ours;
  say(
    `- ${gflops.toFixed(0)} GFLOPS, ${((100 * gflops) / peak).toFixed(0)} % of the matrix product's ${peak.toFixed(0)}`,
  );
  compare(results, (theirs) => `${(theirs / ours).toFixed(2)} times PyTorch's throughput`);
}
