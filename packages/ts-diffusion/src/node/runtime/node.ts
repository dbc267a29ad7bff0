import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type * as onnxRuntimeNode from 'onnxruntime-node';
import { OnnxGraphBuilder } from '../../onnx/writer.js';
import { messageOf } from '../../runtime/errors.js';
import { isMissing, ONNX_RUNTIME_VERSION } from '../../runtime/missing-library.js';
import { SerialQueue } from '../../runtime/serial-queue.js';
import { SessionProgram } from '../../runtime/session-program.js';
import { Signature } from '../../runtime/signature.js';
import { PingPongState, ReturnedState } from '../../runtime/state-store.js';
import { disableTelemetry } from './telemetry.js';
import { resolveThreads } from './threads.js';
import { RuntimeError, type ProgramSource, type Runtime, type StateSpec } from '../../runtime/types.js';
import { choice, finite, options, signature } from '../../utils/arguments.js';

/** Where programs run in Node. */
export interface NodeRuntimeOptions {
  /** Default `cpu`. */
  readonly device?: 'cpu' | 'webgpu';
  /** Threads of one program on the cpu; 0 or absent: one per physical core. Ignored on webgpu. */
  readonly threads?: number;
}

type OnnxRuntime = typeof onnxRuntimeNode;

/** The library's log goes to stderr and repeats the exceptions; its warnings are about its own graph rewriting. */
const LOG_FATAL_ONLY = 4;

const createNodeRuntimeArguments = signature('createNodeRuntime', {
  options: options({ device: choice(['cpu', 'webgpu']).optional(), threads: finite.optional() }),
});

/**
 * The runtime over `onnxruntime-node`. A run blocks the event loop until it is done, which is the library's doing: servers
 * run it in a process of its own.
 * @throws RuntimeError if the library cannot be loaded here, the device is not available, or `threads` is negative or
 * no integer
 */
export async function createNodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
  createNodeRuntimeArguments({ options });
  const { device = 'cpu' } = options;
  const threads = resolveThreads(options.threads ?? 0);
  const ort = await loadLibrary();
  const version = `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`;
  if (device === 'cpu') {
    return { device, threads, version, compile: (source) => compileCpu(ort, threads, source) };
  }
  const downloads = await GpuDownloads.create(ort);
  return { device, threads: 1, version, compile: (source) => compileWebGpu(ort, downloads, source) };
}

/** Without the variable, the install script downloads CUDA from another host than the npm registry. */
const NOT_INSTALLED =
  'ONNX Runtime is not installed: run ' +
  `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@${ONNX_RUNTIME_VERSION} ` +
  '(the variable skips a download of CUDA, which is not used).';

/** On first use: loading the native library takes time that `--help` does not have. */
async function loadLibrary(): Promise<OnnxRuntime> {
  disableTelemetry();
  try {
    const imported = (await import('onnxruntime-node')) as OnnxRuntime & { default?: OnnxRuntime };
    return imported.default ?? imported;
  } catch (error) {
    if (isMissing(error, 'onnxruntime-node')) throw new RuntimeError(NOT_INSTALLED, { cause: error });
    throw new RuntimeError(
      `onnxruntime-node has no working library for ${process.platform} ${process.arch} (${messageOf(error)}); ` +
        'it supports Linux x64 and arm64, Windows and macOS arm64.',
      { cause: error },
    );
  }
}

async function compileCpu(ort: OnnxRuntime, threads: number, source: ProgramSource): Promise<SessionProgram> {
  const session = await createSession(ort, source.model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: true,
    // Idle threads that spin take the cores away from every other program of this process and from other processes.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return await programOf(session, source, (signature) => ({
    device: 'cpu',
    session,
    tensorClass: ort.Tensor,
    signature,
    states: new PingPongState(signature.states, ort.Tensor),
    queue: new SerialQueue(),
    lostAfterFailure: false,
  }));
}

async function compileWebGpu(
  ort: OnnxRuntime,
  downloads: GpuDownloads,
  source: ProgramSource,
): Promise<SessionProgram> {
  const session = await createSession(ort, source.model, webGpuOptions(source.states ?? []));
  return await programOf(session, source, (signature) => ({
    device: 'webgpu',
    session,
    tensorClass: ort.Tensor,
    signature,
    states: new ReturnedState(signature.states, ort.Tensor, (tensor) => downloads.read(tensor)),
    queue: new SerialQueue(),
    lostAfterFailure: false,
  }));
}

const webGpuOptions = (states: readonly StateSpec[]): InferenceSession.SessionOptions => ({
  executionProviders: ['webgpu'],
  preferredOutputLocation: Object.fromEntries(states.map(({ output }) => [output, 'gpu-buffer'] as const)),
});

async function createSession(
  ort: OnnxRuntime,
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_FATAL_ONLY,
      ...options,
    });
  } catch (error) {
    throw new RuntimeError(`The program cannot be compiled: ${messageOf(error)}`, { cause: error });
  }
}

/** Builds the program, or releases the session if the model does not have the declared states. */
async function programOf(
  session: InferenceSession,
  source: ProgramSource,
  parts: (signature: Signature) => ConstructorParameters<typeof SessionProgram>[0],
): Promise<SessionProgram> {
  try {
    return new SessionProgram(parts(new Signature(session, source.states ?? [])));
  } catch (error) {
    await session.release();
    throw error;
  }
}

/**
 * Host copies of tensors on the GPU. `Tensor.getData` of onnxruntime-node 1.30 ends the process ("terminate called after
 * throwing an instance of 'char const*'"), so a session that copies its input, one per rank, fetches them instead.
 */
class GpuDownloads {
  readonly #ort: OnnxRuntime;
  readonly #sessions = new Map<number, Promise<InferenceSession>>();

  private constructor(ort: OnnxRuntime) {
    this.#ort = ort;
  }

  /** Also where a missing GPU shows. @throws RuntimeError saying what to do about it */
  static async create(ort: OnnxRuntime): Promise<GpuDownloads> {
    const downloads = new GpuDownloads(ort);
    try {
      await downloads.read(new ort.Tensor('float32', Float32Array.of(0), [1]));
    } catch (error) {
      const reason = messageOf(error instanceof RuntimeError ? error.cause : error);
      throw new RuntimeError(
        `No WebGPU device is available here (${reason}); use device 'cpu', or install a Vulkan, Metal or ` +
          'Direct3D 12 driver for the GPU.',
        { cause: error },
      );
    }
    return downloads;
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    const session = await this.#sessionOfRank(tensor.dims.length);
    const { copy } = await session.run({ tensor });
    return (copy as Tensor).data as Float32Array;
  }

  #sessionOfRank(rank: number): Promise<InferenceSession> {
    let session = this.#sessions.get(rank);
    if (session === undefined) {
      const shape = Array.from({ length: rank }, (_, axis) => `extent${axis}`);
      const graph = new OnnxGraphBuilder('download');
      graph.node('Identity', [graph.input('tensor', 'float32', shape)], {}, ['copy']);
      graph.output('copy', 'float32', shape);
      session = createSession(this.#ort, graph.build(), { executionProviders: ['webgpu'] });
      this.#sessions.set(rank, session);
    }
    return session;
  }
}
