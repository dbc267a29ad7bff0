import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { denoiserParameters } from '../packages/ts-diffusion/src/models/denoiser-network.js';
import { parseDiffusersConfig } from '../packages/ts-diffusion/src/models/unet2d/diffusers-config.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { CompiledDenoiser } from '../packages/ts-diffusion/src/pipeline/compiled-denoiser.js';
import { wholeNumber } from './support/options.js';
import { heading, say, table } from './support/report.js';

/**
 * `npx tsx bench/unet2d.ts --python PYTHON`: time and memory of one evaluation of google/ddpm-cifar10-32's network for one image, beside
 * diffusers on PyTorch, in turns.
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, python: { type: 'string', default: 'python3' } },
});
const rounds = wholeNumber('rounds', options.rounds);

/** `config.json` of google/ddpm-cifar10-32. */
const config = {
  sample_size: 32,
  in_channels: 3,
  out_channels: 3,
  block_out_channels: [128, 256, 256, 256],
  down_block_types: ['DownBlock2D', 'AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'UpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'],
  layers_per_block: 2,
  attention_head_dim: null,
  downsample_padding: 0,
  flip_sin_to_cos: false,
  freq_shift: 1,
  norm_eps: 1e-6,
};

const MEGABYTE = 1e6;

const peer = spawn(options.python, [fileURLToPath(new URL('peer/diffusers_peer.py', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface(peer.stdout);
async function ask(request: object): Promise<Record<string, unknown>> {
  const answer = once(answers, 'line') as Promise<[string]>;
  peer.stdin.write(`${JSON.stringify(request)}\n`);
  const [line] = await answer;
  return JSON.parse(line) as Record<string, unknown>;
}

const runtime = await createNodeRuntime({ device: 'cpu' });
const model = parseDiffusersConfig(config, 'config.json');
const denoiser = new CompiledDenoiser(runtime, model, denoiserParameters(model).initialise(0));
const { network } = denoiser;
const shape = [1, 3, 32, 32] as const;
const data = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i));
const evaluateOnce = async (): Promise<number> => {
  const begun = performance.now();
  await network({ shape, data }, Float32Array.of(501), Int32Array.of(0));
  return performance.now() - begun;
};

heading('One evaluation of the network of google/ddpm-cifar10-32', `npx tsx bench/unet2d.ts --rounds ${rounds}`);
const { versions } = await ask({ config });
say(`- ${runtime.version}, ${runtime.threads} threads; ${String(versions)}\n`);
const ours: number[] = [];
const theirs: number[] = [];
let peak = 0;
// The first evaluations compile and allocate.
await evaluateOnce();
await ask({});
for (let round = 0; round < rounds; round++) {
  ours.push(await evaluateOnce());
  const { ms, peak: resident } = (await ask({})) as { ms: number; peak: number };
  theirs.push(ms);
  peak = resident;
}
table({ 'ts-diffusion, ms': ours, 'diffusers, ms': theirs });
const own = process.resourceUsage().maxRSS * 1024;
say(
  `Peak resident memory: ${(own / MEGABYTE).toFixed(0)} MB here, ${(peak / MEGABYTE).toFixed(0)} MB in Python with PyTorch.`,
);
peer.kill();
await denoiser.dispose();
