import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type * as onnxRuntimeWeb from 'onnxruntime-web';
import { messageOf } from '../../runtime/errors.js';
import { isMissing, ONNX_RUNTIME_VERSION } from '../../runtime/missing-library.js';
import { moduleAddresses } from '../../runtime/module-addresses.js';
import { SerialQueue } from '../../runtime/serial-queue.js';
import { SessionProgram } from '../../runtime/session-program.js';
import { Signature } from '../../runtime/signature.js';
import { ReturnedState } from '../../runtime/state-store.js';
import { RuntimeError, type ProgramSource, type Runtime } from '../../runtime/types.js';

export interface WebRuntimeOptions {
  /** Default `wasm`. */
  readonly device?: 'wasm' | 'webgpu';
  /**
   * Threads on wasm; default: the logical processors, at most 4. Always 1 in a page that is not cross-origin isolated
   * (headers COOP and COEP), where threads cannot share memory.
   */
  readonly threads?: number;
  /** Where the library's `.wasm` and `.mjs` files are served; default: beside the script that contains the library. */
  readonly wasmPaths?: string | { readonly wasm?: string; readonly mjs?: string };
}

/** What the types of a browser promise and Node 20 or an old browser may lack. */
const platform: {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number; readonly gpu?: { requestAdapter(): Promise<unknown> } };
} = globalThis;

type OnnxRuntimeWeb = typeof onnxRuntimeWeb;

const DEFAULT_THREADS_AT_MOST = 4;
/** The library's log goes to the console and repeats the exceptions. */
const LOG_FATAL_ONLY = 4;

/** The library's WASM module is one per page and cannot suspend two calls at once: all programs wait in one line. */
const pageQueue = new SerialQueue();

/** The library starts its threads once, at the first session of the page. */
let pageThreads: number | undefined;

/**
 * The runtime over `onnxruntime-web`, for browsers; `wasm` runs in Node as well. Memory that wasm has taken is given back
 * only when the page or worker ends.
 * @throws RuntimeError if the device is not available, or an earlier runtime of the page has fixed another `threads`
 */
export async function createWebRuntime(options: WebRuntimeOptions = {}): Promise<Runtime> {
  const { device = 'wasm' } = options;
  if (device === 'webgpu') await requireWebGpu();
  const threads = device === 'webgpu' ? 1 : claimThreads(options.threads);
  const ort = await loadLibrary(device);
  ort.env.wasm.numThreads = threads;
  if (options.wasmPaths !== undefined) ort.env.wasm.wasmPaths = options.wasmPaths;
  const version = `onnxruntime-web ${ort.env.versions.web ?? ort.env.versions.common}`;
  return { device, threads, version, compile: (source) => pageQueue.add(() => compile(ort, device, source)) };
}

async function loadLibrary(device: 'wasm' | 'webgpu'): Promise<OnnxRuntimeWeb> {
  try {
    return await importLibrary(device);
  } catch (error) {
    if (!isMissing(error, 'onnxruntime-web')) {
      throw new RuntimeError(`ONNX Runtime cannot be loaded: ${messageOf(error)}`, { cause: error });
    }
    throw new RuntimeError(
      `ONNX Runtime is not installed: run npm install onnxruntime-web@${ONNX_RUNTIME_VERSION}, or add ` +
        `"onnxruntime-web/${device}" to the import map of a page without a bundler.`,
      { cause: error },
    );
  }
}

async function importLibrary(device: 'wasm' | 'webgpu'): Promise<OnnxRuntimeWeb> {
  try {
    return device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  } catch (error) {
    // A worker has no import map: its page tells it the addresses.
    const address = moduleAddresses[`onnxruntime-web/${device}`];
    if (address === undefined) throw error;
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ address)) as OnnxRuntimeWeb;
  }
}

async function requireWebGpu(): Promise<void> {
  const adapter = await platform.navigator?.gpu?.requestAdapter();
  if (adapter === null || adapter === undefined) {
    throw new RuntimeError(
      "This browser offers no WebGPU adapter; use device 'wasm', or a browser and driver with WebGPU enabled.",
    );
  }
}

function claimThreads(requested: number | undefined): number {
  if (requested !== undefined && (!Number.isInteger(requested) || requested < 1)) {
    throw new RuntimeError(`The number of threads must be an integer of at least 1, got ${requested}.`);
  }
  // Node has no such flag, and shares memory between its threads without one.
  const isolated = platform.crossOriginIsolated ?? true;
  const processors = platform.navigator?.hardwareConcurrency ?? 1;
  const threads = isolated ? (requested ?? Math.min(processors, DEFAULT_THREADS_AT_MOST)) : 1;
  if (pageThreads !== undefined && pageThreads !== threads && requested !== undefined) {
    throw new RuntimeError(
      `WASM already runs with ${pageThreads} thread(s) in this page, not ${threads}; reload the page or use another worker.`,
    );
  }
  pageThreads ??= threads;
  return pageThreads;
}

async function compile(ort: OnnxRuntimeWeb, device: 'wasm' | 'webgpu', source: ProgramSource): Promise<SessionProgram> {
  const states = source.states ?? [];
  const location = device === 'webgpu' ? 'gpu-buffer' : 'cpu';
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(source.model, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_FATAL_ONLY,
      preferredOutputLocation: Object.fromEntries(states.map(({ output }) => [output, location] as const)),
    });
  } catch (error) {
    throw new RuntimeError(`The program cannot be compiled: ${messageOf(error)}`, { cause: error });
  }
  try {
    const signature = new Signature(session, states);
    return new SessionProgram({
      device,
      session,
      tensorClass: ort.Tensor,
      signature,
      states: new ReturnedState(signature.states, ort.Tensor, download),
      queue: pageQueue,
      // onnxruntime-web 1.30 leaves the session locked: its next run would freeze the page for good.
      lostAfterFailure: device === 'webgpu',
    });
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** The library moves the tensor to the host for good; the next run uploads it again. */
async function download(tensor: Tensor): Promise<Float32Array> {
  return ((await tensor.getData(true)) as Float32Array).slice();
}
