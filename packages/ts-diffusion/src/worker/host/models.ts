import { DiffusionPipeline } from '../../pipeline/diffusion-pipeline.js';
import { SerialQueue } from '../../runtime/serial-queue.js';
import { Classifier } from '../../classifier/classifier.js';
import { readClassifier } from '#platform/classifier-source.js';
import { readModel } from '#platform/model-source.js';
import type { WorkerModelInfo } from '../model-info.js';
import { runtimeFor } from './runtimes.js';
import type { Task } from './task.js';

const pipelines = new Map<number, Promise<DiffusionPipeline>>();
const classifiers = new Map<number, Promise<Classifier>>();

/** What is drawn is drawn in turn: two at once would each take twice as long. */
export const drawings = new SerialQueue();

/** The pipeline that was opened under a key. */
export async function pipelineAt(key: number): Promise<DiffusionPipeline> {
  const pipeline = await pipelines.get(key);
  if (pipeline === undefined) throw new TypeError('the worker has no such model');
  return pipeline;
}

/** Loads a model. */
export const open: Task<'open'> = async (input, { report, signal }) => {
  const { key, source, device, sampling, batchSizes, warmUp, ema, cache, modelsUrl } = input;
  let note: string | undefined;
  const load = async (): Promise<DiffusionPipeline> => {
    const read = await readModel(source, { ema, cache, modelsUrl, signal, onProgress: report });
    const { model, step, averaged } = read;
    const chosen = await runtimeFor(device, model.model.architecture, 'sampling');
    note = chosen.note;
    signal.throwIfAborted();
    const drawnFrom = sampling === undefined ? model : { ...model, sampling };
    const pipeline = new DiffusionPipeline(chosen.runtime, drawnFrom, { step, averaged }, batchSizes);
    if (warmUp) await pipeline.warmUp();
    return pipeline;
  };
  const pipeline = await keep(pipelines, key, load());
  return { ...infoOf(pipeline), ...(note !== undefined && { note }) };
};

function infoOf(pipeline: DiffusionPipeline): WorkerModelInfo {
  const { runtime, model, parameters, prediction, schedule, samplingSteps, guidanceWeight, sampling, origin } =
    pipeline;
  const { drawingSteps, classNames, trainedOn } = pipeline;
  const { device, threads, version } = runtime;
  return {
    ...{ device, threads, version, model, prediction, samplingSteps, guidanceWeight, sampling, origin },
    parameters: parameters.length,
    drawingSteps,
    classNames,
    trainedOn,
    schedule: schedule.name,
    timesteps: schedule.timesteps,
  };
}

/** Compiles what drawing so many images needs. */
export const warmUp: Task<'warmUp'> = async ({ key, images }) => {
  const pipeline = await pipelineAt(key);
  await drawings.add(() => pipeline.warmUp(images));
  return null;
};

/** Loads a classifier. */
export const openClassifier: Task<'openClassifier'> = async ({ key, source, device }) => {
  const load = async (): Promise<Classifier> => {
    const { network, parameters, sha256 } = await readClassifier(source);
    // Its operators are a part of those of every U-Net.
    const { runtime } = await runtimeFor(device, 'modern-unet', 'sampling');
    return new Classifier(runtime, network, parameters, sha256);
  };
  await keep(classifiers, key, load());
  return null;
};

/** Classifies images, between two steps of what is being drawn. */
export const classify: Task<'classify'> = async ({ key, images }) => {
  const classifier = await classifiers.get(key);
  if (classifier === undefined) throw new TypeError('the worker has no such classifier');
  return await classifier.classify(images);
};

/** Forgets a model or a classifier, after what it is drawing. */
export const close: Task<'close'> = async ({ key }) => {
  const closed = pipelines.get(key) ?? classifiers.get(key);
  pipelines.delete(key);
  classifiers.delete(key);
  await drawings.add(async () => (await closed)?.dispose());
  return null;
};

async function keep<Value>(kept: Map<number, Promise<Value>>, key: number, loading: Promise<Value>): Promise<Value> {
  kept.set(key, loading);
  loading.catch(() => {
    if (kept.get(key) === loading) kept.delete(key);
  });
  return await loading;
}
