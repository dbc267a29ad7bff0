import { decodeModelFile, DiffusionPipeline } from 'ts-diffusion';
import { fetchBytes } from './fetch-bytes.js';
import type { DownloadProgress, Setup } from './protocol.js';
import { chooseRuntime } from './runtime.js';

/** Models that stay ready; the one used longest ago makes way. */
const KEPT = 2;

interface OpenModel {
  readonly pipeline: DiffusionPipeline;
  /** Why it is not on the device one would wish for. */
  readonly note?: string;
}

const models = new Map<string, Promise<OpenModel>>();

/** The model of a task, ready to sample. */
export async function pipelineFor(setup: Setup): Promise<DiffusionPipeline> {
  return (await openModel(setup)).pipeline;
}

/** Loads the model of a task. */
export async function openModel(
  { model, device }: Setup,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<OpenModel> {
  const key = `${device} ${model.id}`;
  const opened = models.get(key) ?? load(model, device, onProgress);
  models.delete(key);
  models.set(key, opened);
  opened.catch(() => models.delete(key));
  for (const [oldest, unused] of [...models].slice(0, -KEPT)) {
    models.delete(oldest);
    void unused.then(({ pipeline }) => pipeline.dispose());
  }
  return opened;
}

async function load(
  { title, url, bytes }: Setup['model'],
  device: Setup['device'],
  onProgress?: (progress: DownloadProgress) => void,
): Promise<OpenModel> {
  const model = decodeModelFile(bytes ?? (await fetchBytes(url ?? '', onProgress)), title);
  const { runtime, note } = await chooseRuntime(device, model.model.architecture, 'sampling');
  const pipeline = new DiffusionPipeline(runtime, model);
  return note === undefined ? { pipeline } : { pipeline, note };
}
