import { denoiserFrom, type Denoiser } from '../diffusion/denoiser.js';
import { NoiseSource } from '../diffusion/noise-source.js';
import { reverseProcess, type SamplerState } from '../diffusion/reverse-process.js';
import { withToneCurve, type ToneCurve } from '../diffusion/tone-curve.js';
import { toBytes } from '../utils/pixel-range.js';
import type { Span } from './batches.js';
import { pixelsOf } from './drawable-model.js';
import type { BatchStart, SamplingPlan } from './sampling-plan.js';
import { signature } from '../utils/arguments.js';
import { plan, runOptions } from '../utils/argument-shapes.js';

/** One step of the sampler for one batch of the images asked for. */
export interface PipelineState extends SamplerState, Span {
  /** Images asked for in all. `first` is the index among them of the batch's first image; the batch has `count`. */
  readonly total: number;
}

/** Told of every state, for progress, a film strip or an animation. Where it returns a promise the run waits for it. */
export type OnState = (state: PipelineState) => void | Promise<void>;

/** How a plan is run. */
export interface RunOptions {
  /** Stops the run before the next evaluation of the network, or after the one under way. */
  readonly signal?: AbortSignal | undefined;
  readonly onState?: OnState | undefined;
}

/** Finished images with their labels. */
export interface GeneratedImages {
  /** Planar, [N, C, H, W], 0 (black) to 255 (white); `imageGrid` and `interleaved` make pictures of them. */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const runPlanArguments = signature('runPlan', { plan, run: runOptions });

/**
 * Draws the images of a plan.
 *
 * @throws the signal's reason once it is aborted
 * @throws ConfigError where the images overflow, CheckpointError where the network predicts values that are not finite
 */
export async function runPlan(plan: SamplingPlan, run: RunOptions = {}): Promise<GeneratedImages> {
  runPlanArguments({ plan, run });
  const { signal, onState } = run;
  const { imageChannels: channels, imageSize } = plan.kind;
  const pixels = pixelsOf(plan.kind);
  const images = new Uint8Array(plan.labels.length * pixels);
  for await (const state of planStates(plan, { signal })) {
    await onState?.(state);
    if (state.step === state.steps) images.set(toBytes(state.x), state.first * pixels);
  }
  const labels = plan.shownLabels.slice();
  return { images, labels, count: labels.length, channels, height: imageSize, width: imageSize };
}

const planStatesArguments = signature('planStates', { plan, run: runOptions });

/**
 * The states of a plan as it is run, batch after batch: what `runPlan` runs on.
 *
 * @throws as `runPlan`
 */
export async function* planStates(
  plan: SamplingPlan,
  run: Pick<RunOptions, 'signal'> = {},
): AsyncGenerator<PipelineState, void, void> {
  planStatesArguments({ plan, run });
  const { signal } = run;
  const { sampling, schedule, kind, toneCurve, labels, batches, begin } = plan;
  const { sampler, own, timesteps, clipX0, dynamicThreshold, resampling, seed, firstImage } = sampling;
  const { imageChannels, imageSize } = kind;
  const options = { ...own, timesteps, clipX0, dynamicThreshold, resampling };
  const denoiser = abortable(plan.denoiser, signal);
  for (const span of batches) {
    const { first, count } = span;
    const noise = new NoiseSource(seed, firstImage + first, count, pixelsOf(kind));
    const ofBatch = labels.subarray(first, first + count);
    const { x, denoiser: ofStart = denoiser, finish } = await begin({ span, labels: ofBatch, noise, denoiser });
    const shape = [count, imageChannels, imageSize, imageSize] as const;
    const start = { x: { shape, data: x }, labels: ofBatch, noise };
    for await (const state of reverseProcess(sampler, ofStart, schedule, start, options)) {
      signal?.throwIfAborted();
      const isFinished = state.step === state.steps;
      const ofState = isFinished && toneCurve !== undefined ? curved(state, toneCurve, imageSize, finish) : state;
      yield { ...ofState, first, count, total: labels.length };
    }
  }
}

/** The last state, with the grey levels of a curve. */
function curved(state: SamplerState, curve: ToneCurve, imageSize: number, finish: BatchStart['finish']): SamplerState {
  const x = withToneCurve(state.x, curve, imageSize);
  finish?.(x);
  return { ...state, x, predictedX0: x };
}

/** The denoiser, which throws the signal's reason instead of starting an evaluation or returning its result. */
function abortable(denoiser: Denoiser, signal: AbortSignal | undefined): Denoiser {
  if (signal === undefined) return denoiser;
  return denoiserFrom(async (x, timesteps, labels) => {
    signal.throwIfAborted();
    const prediction = await denoiser(x, timesteps, labels);
    signal.throwIfAborted();
    return prediction;
  });
}
