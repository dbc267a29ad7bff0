import { createHash } from 'node:crypto';
import { createNoiseSchedule, type NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { predictionTypes, type PredictionType } from '../../src/diffusion/prediction.js';
import { samplerNames } from '../../src/diffusion/samplers/index.js';
import { timestepSpacings } from '../../src/diffusion/timestep-spacing.js';
import { denoiserParameters, type DenoiserConfig } from '../../src/models/denoiser-network.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { RunOptions } from '../../src/pipeline/run-plan.js';
import { RandomStream } from '../../src/utils/random.js';
import { CLASSES, closedFormRuntime } from './closed-form-runtime.js';

const SIDE = 4;
const T = 60;
const LABELS = [0, 1, 2, -1];

const model: DenoiserConfig = {
  architecture: 'paper-unet',
  imageSize: SIDE,
  channels: [4, 8],
  classes: CLASSES,
  imageChannels: 1,
  timeEmbedding: 8,
};

const own = {
  ddpm: [{}, { variance: 'beta' }],
  ddim: [{}, { eta: 0.5 }, { eta: 1 }],
} as const;

const guidance = {
  'omega 0': { guidanceWeight: 0 },
  'omega 1.5': { guidanceWeight: 1.5 },
  'scale 2': { guidanceScale: 2 },
  interval: { guidanceWeight: 1.5, guidanceInterval: [0.3, 5] },
  rescale: { guidanceWeight: 1.5, guidanceRescale: 0.7 },
  'interval and rescale': { guidanceWeight: 1.5, guidanceInterval: [0.3, 5], guidanceRescale: 0.7 },
} as const;

const ranges = [{}, { clipX0: true }, { dynamicThreshold: 0.9 }] as const;
const resamplings = [{}, { resampling: { jump: 2, times: 2 } }] as const;

const random = new RandomStream(7);
const images = Uint8Array.from({ length: LABELS.length * SIDE ** 2 }, () => random.integer(256));
const mask = Uint8Array.from({ length: SIDE ** 2 }, (_, i) => (i % SIDE < SIDE / 2 ? 1 : 0));

/** The first 12 hexadecimal digits of the SHA-256 of the values' float32 bits, little-endian. */
export function hashOf(...values: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of values) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Hashes of the float32 images that the pipeline draws, with the exact denoiser of `closedFormRuntime` in place of a network, for
 * every way of drawing: sampler and its own options, spacing, guidance, range of x_0, resampling; and for edits and the like.
 */
export async function samplingHashes(): Promise<Record<string, readonly string[]>> {
  const hashes: Record<string, readonly string[]> = {};
  const cosine = createNoiseSchedule('cosine', T);
  const pipeline = pipelineOf(cosine, 'x0');
  const base = { labels: LABELS, samplingSteps: 6, seed: 3 };
  for (const sampler of samplerNames) {
    for (const options of sampler in own ? own[sampler as keyof typeof own] : [{}]) {
      // `leading` came later; chains of diffusers say what it is (test/node/models/diffusers-folder.test.ts).
      for (const spacing of timestepSpacings.filter((each) => each !== 'leading')) {
        for (const [name, guided] of Object.entries(guidance)) {
          const found: string[] = [];
          for (const range of ranges) {
            for (const resampling of resamplings) {
              const all = { ...base, sampler, ...options, spacing, ...guided, ...range, ...resampling };
              found.push(await finished((run) => pipeline.generate(all, run)));
            }
          }
          hashes[[sampler, ...Object.entries(options).flat(), spacing, name].join(' ')] = found;
        }
      }
    }
    hashes[`${sampler} other schedules and predictions`] = await otherModels(sampler);
    hashes[`${sampler} edit, inpaint`] = [
      await finished((run) => pipeline.edit({ ...base, sampler, images, strength: 0.6, guidanceWeight: 1 }, run)),
      await finished((run) => pipeline.inpaint({ ...base, sampler, images, mask, guidanceWeight: 1 }, run)),
      await finished((run) =>
        pipeline.inpaint({ ...base, sampler, images, mask, resampling: { jump: 2, times: 3 } }, run),
      ),
    ];
  }
  Object.assign(hashes, await positions(pipeline), await interpolations(pipeline), await encodings(pipeline));
  return hashes;
}

async function otherModels(sampler: (typeof samplerNames)[number]): Promise<string[]> {
  const found: string[] = [];
  for (const prediction of predictionTypes) {
    for (const schedule of [
      createNoiseSchedule('linear', T),
      createNoiseSchedule('linear', T, { rescaleBetas: true }),
      createNoiseSchedule('sigmoid', T),
      ...(prediction === 'x0' ? [createNoiseSchedule('cosine', T, { zeroTerminalSnr: true })] : []),
    ]) {
      const pipeline = pipelineOf(schedule, prediction);
      found.push(await finished((run) => pipeline.generate({ labels: LABELS, sampler, guidanceWeight: 1 }, run)));
    }
  }
  return found;
}

async function positions(pipeline: DiffusionPipeline): Promise<Record<string, string[]>> {
  const draw = (options: object) => finished((run) => pipeline.generate({ labels: LABELS, ...options }, run));
  return {
    'seed, first image, batch size, timesteps': [
      await draw({}),
      await draw({ seed: 2 ** 40 }),
      await draw({ firstImage: 5, samplingSteps: 4 }),
      await draw({ batchSize: 3, samplingSteps: 4 }),
      await draw({ timesteps: [60, 31, 8, 2], guidanceWeight: 1 }),
      await draw({ timesteps: [44], sampler: 'heun' }),
    ],
  };
}

async function interpolations(pipeline: DiffusionPipeline): Promise<Record<string, string[]>> {
  const end = (label: number, index: number) => ({ label, noise: pipeline.initialNoise(9, index) });
  const between = (options: object) =>
    finished((run) => pipeline.interpolate({ from: end(0, 0), to: end(1, 1), frames: 5, ...options }, run));
  return {
    interpolate: [
      await between({ samplingSteps: 6 }),
      await between({ samplingSteps: 6, guidanceWeight: 1, batchSize: 2 }),
      await between({ samplingSteps: 6, sampler: 'unipc', spacing: 'even' }),
      await between({ samplingSteps: 6, sampler: 'heun', spacing: 'trailing', to: end(0, 4) }),
      await between({ samplingSteps: 6, sampler: 'dpm-solver++', clipX0: true }),
      await between({ timesteps: [50, 20, 3] }),
    ],
  };
}

async function encodings(pipeline: DiffusionPipeline): Promise<Record<string, string[]>> {
  const encode = async (options: object) => {
    const { noise, reconstruction, errors } = await pipeline.encode({ images, labels: LABELS, ...options });
    return hashOf(noise, Float32Array.from(reconstruction), Float32Array.from(errors));
  };
  return {
    encode: [
      await encode({}),
      await encode({ samplingSteps: 8, guidanceWeight: 0.5 }),
      await encode({ samplingSteps: 8, spacing: 'karras', guidanceScale: 2, iterations: 4 }),
      await encode({ timesteps: [55, 30, 12, 1], iterations: 0 }),
    ],
  };
}

function pipelineOf(schedule: NoiseSchedule, prediction: PredictionType): DiffusionPipeline {
  const parameters = denoiserParameters(model).initialise(1);
  return new DiffusionPipeline(closedFormRuntime(schedule, prediction), { model, parameters, schedule, prediction });
}

/** The hash of the last state of every batch. */
async function finished(draw: (run: RunOptions) => Promise<unknown>): Promise<string> {
  const last: Float32Array[] = [];
  await draw({
    onState: ({ x, step, steps }) => {
      if (step === steps) last.push(x);
    },
  });
  return hashOf(...last);
}
