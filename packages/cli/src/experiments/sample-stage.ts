import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DiffusionPipeline, pipelineModel, type Runtime } from 'ts-diffusion';
import { encodeIdx } from 'ts-diffusion/data';
import type { SamplingData } from 'ts-diffusion/diffusion';
import { type Generation, generationOf } from 'ts-diffusion/evaluation';
import { toBytes } from 'ts-diffusion/images';
import { loadCheckpoint, writeFileAtomic } from 'ts-diffusion/node';
import type { Budget } from './budget.js';
import type { SamplesPlan } from './plan.js';
import { withoutUnconditionalBranch } from './quirks.js';
import { readJson } from './study-folder.js';

/** Images between two files: what a kill loses. */
const PART = 500;

export const IMAGES_FILE = 'samples-images-idx3-ubyte';
const LABELS_FILE = 'samples-labels-idx1-ubyte';
const GENERATION_FILE = 'generation.json';

/** How the samples of a plan are drawn. Image i has the label i mod classes, of those that occurred in training. */
export function samplingOptions(plan: SamplesPlan, budget: Budget): SamplingData {
  const { omega, seed, clipX0, fullChain } = plan;
  const { sampler, spacing, samplingSteps } = budget;
  const how = fullChain ? ({ sampler: 'ddpm', samplingSteps: 0 } as const) : { sampler, spacing, samplingSteps };
  return { ...how, guidanceWeight: omega, seed, ...(clipX0 ? { clipX0 } : {}) };
}

export function isDrawn(folder: string): boolean {
  return [IMAGES_FILE, LABELS_FILE, GENERATION_FILE].every((name) => existsSync(join(folder, name)));
}

/** How the images in a folder came about. */
export function readGeneration(folder: string): Generation {
  return readJson(join(folder, GENERATION_FILE)) as Generation;
}

/**
 * Draws the images of a plan into its folder, going on where a killed one stopped, and yielding how many network
 * evaluations are done of how many.
 *
 * @throws the reason of `signal` when aborted
 */
export async function* drawSamples(
  folder: string,
  run: string,
  plan: SamplesPlan,
  budget: Budget,
  { runtime, signal }: { readonly runtime: Runtime; readonly signal: AbortSignal },
): AsyncGenerator<{ readonly done: number; readonly total: number }, void, void> {
  mkdirSync(folder, { recursive: true });
  const checkpoint = loadCheckpoint(run);
  const model = pipelineModel(checkpoint);
  const parameters = plan.omitClassBranch
    ? withoutUnconditionalBranch(model.model, model.parameters)
    : model.parameters;
  const pipeline = new DiffusionPipeline(runtime, { ...model, parameters }, { step: checkpoint.step, averaged: true });
  const options = samplingOptions(plan, budget);
  const { imageSize } = pipeline.model;
  const { seenClasses } = pipeline;
  const labels = Uint8Array.from({ length: plan.count }, (_, i) => seenClasses[i % seenClasses.length] as number);
  const images = new Uint8Array(plan.count * imageSize ** 2);
  try {
    for (let first = 0; first < plan.count; first += PART) {
      const part = partFile(folder, first);
      const ofPart = labels.subarray(first, first + PART);
      const expected = ofPart.length * imageSize ** 2;
      if (!existsSync(part) || readFileSync(part).length !== expected) {
        const states = pipeline.sample({ ...options, labels: ofPart, firstImage: first }, { signal });
        const drawn = new Uint8Array(expected);
        for await (const state of states) {
          if (state.step === state.steps) drawn.set(toBytes(state.x), state.first * imageSize ** 2);
          yield {
            done: first + (state.first * state.steps + state.count * state.step) / state.steps,
            total: plan.count,
          };
        }
        writeFileAtomic(part, drawn);
      }
      images.set(readFileSync(part), first * imageSize ** 2);
    }
  } finally {
    await pipeline.dispose();
  }
  const generation = generationOf(pipeline, options);
  writeFileAtomic(join(folder, GENERATION_FILE), `${JSON.stringify(generation, null, 2)}\n`);
  writeFileAtomic(join(folder, LABELS_FILE), encodeIdx({ shape: [plan.count], data: labels }));
  writeFileAtomic(join(folder, IMAGES_FILE), encodeIdx({ shape: [plan.count, imageSize, imageSize], data: images }));
  for (let first = 0; first < plan.count; first += PART) {
    rmSync(partFile(folder, first), { force: true });
  }
}

function partFile(folder: string, first: number): string {
  return join(folder, `part-${String(first).padStart(7, '0')}.bin`);
}
