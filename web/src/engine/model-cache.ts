import { DiffusionPipeline } from '../../../src/pipeline/diffusion-pipeline.js';
import { decodeModelFile } from '../../../src/pipeline/model-file.js';
import { fetchBytes } from './fetch-bytes.js';
import type { DownloadProgress, Setup } from './protocol.js';
import { chooseRuntime } from './runtime.js';

/** Models that stay ready; the one used longest ago makes way. */
const KEPT = 2;

const pipelines = new Map<string, Promise<DiffusionPipeline>>();

/** The model of a task, loaded and ready to sample. */
export async function pipelineFor(
  { model, device }: Setup,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<DiffusionPipeline> {
  const key = `${device} ${model.id}`;
  const known = pipelines.get(key);
  const pipeline = known ?? load(model, device, onProgress);
  pipelines.delete(key);
  pipelines.set(key, pipeline);
  pipeline.catch(() => pipelines.delete(key));
  for (const [oldest, unused] of [...pipelines].slice(0, -KEPT)) {
    pipelines.delete(oldest);
    void unused.then((each) => each.dispose());
  }
  return pipeline;
}

async function load(
  { id, url, bytes }: Setup['model'],
  device: Setup['device'],
  onProgress?: (progress: DownloadProgress) => void,
): Promise<DiffusionPipeline> {
  const [file, { runtime }] = await Promise.all([bytes ?? fetchBytes(url ?? '', onProgress), chooseRuntime(device)]);
  return new DiffusionPipeline(runtime, decodeModelFile(file, id));
}
