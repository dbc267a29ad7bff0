import wasmModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import webgpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import webgpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { type Architecture, createRuntime, type Runtime } from 'ts-diffusion';
import { nextTurn } from 'ts-diffusion/data';
import { maximumDifference, predictTinyImages, trainTinySteps } from 'ts-diffusion/diagnostics';
import type { DeviceChoice } from './protocol.js';

export interface ChosenRuntime {
  readonly runtime: Runtime;
  /** Why it is not the device one would wish for. */
  readonly note?: string;
}

/** What a runtime is chosen for: training needs more of a device, and takes longer to test. */
export type Purpose = 'sampling' | 'training';

interface SelfTest {
  readonly run: (runtime: Runtime, architecture: Architecture) => Promise<Float32Array>;
  readonly result: string;
  /** The results of two devices may differ by so much: rounding, in float32. */
  readonly tolerance: number;
}

const selfTests: Readonly<Record<Purpose, SelfTest>> = {
  sampling: { run: predictTinyImages, result: 'predictions', tolerance: 1e-4 },
  // A wrong gradient moves a weight by 1e-3.
  training: {
    run: (runtime, architecture) => trainTinySteps(runtime, [architecture]),
    result: 'weights',
    tolerance: 1e-5,
  },
};

const absolute = (url: string): string => new URL(url, import.meta.url).href;

const createWasm = async (): Promise<Runtime> =>
  breathing(
    await createRuntime({ device: 'cpu', wasmPaths: { mjs: absolute(wasmModule), wasm: absolute(wasmBinary) } }),
  );

/** A runtime whose programs let the worker hear the page (that a task is no longer wanted, say) before every run. */
function breathing(runtime: Runtime): Runtime {
  return {
    ...runtime,
    compile: async (source) => {
      const program = await runtime.compile(source);
      return {
        run: async (feeds) => {
          await nextTurn();
          return program.run(feeds);
        },
        readState: (input) => program.readState(input),
        writeState: (input, data) => {
          program.writeState(input, data);
        },
        dispose: () => program.dispose(),
      };
    },
  };
}

const chosen = new Map<string, Promise<ChosenRuntime>>();

/** The runtime for a wish and a kind of network, on which it is tested where that is needed; made once. */
export function chooseRuntime(
  device: DeviceChoice,
  architecture: Architecture,
  purpose: Purpose,
): Promise<ChosenRuntime> {
  const key = device === 'wasm' ? device : `${device} ${architecture} ${purpose}`;
  const known = chosen.get(key);
  if (known !== undefined) return known;
  const choice = device === 'wasm' ? wasm() : webgpuOrWasm(device, architecture, selfTests[purpose]);
  choice.catch(() => chosen.delete(key));
  chosen.set(key, choice);
  return choice;
}

async function wasm(reason?: string): Promise<ChosenRuntime> {
  const runtime = await createWasm();
  const single = runtime.threads === 1 && navigator.hardwareConcurrency > 1;
  const note = [reason, single ? 'this host does not isolate the page, so there is one thread' : undefined]
    .filter((text) => text !== undefined)
    .join('; ');
  return note === '' ? { runtime } : { runtime, note };
}

/** WebGPU where it computes what WASM computes. A GPU in software is slower than WASM: it is used only when asked for. */
async function webgpuOrWasm(
  device: 'auto' | 'webgpu',
  architecture: Architecture,
  { run, result, tolerance }: SelfTest,
): Promise<ChosenRuntime> {
  let adapter: { readonly software: boolean } | undefined;
  try {
    adapter = await adapterInfo();
  } catch (error) {
    return wasm(`WebGPU cannot be had: ${(error as Error).message}`);
  }
  if (adapter === undefined) return wasm('this browser offers no WebGPU');
  if (device === 'auto' && adapter.software) return wasm('WebGPU is here only in software');
  try {
    const reference = await createWasm();
    const wasmPaths = { mjs: absolute(webgpuModule), wasm: absolute(webgpuBinary) };
    const runtime = breathing(await createRuntime({ device: 'webgpu', wasmPaths }));
    const difference = maximumDifference(await run(runtime, architecture), await run(reference, architecture));
    if (difference <= tolerance) return { runtime };
    return await wasm(`WebGPU failed the self-test: its ${result} are off by ${difference.toExponential(1)}`);
  } catch (error) {
    return wasm(`WebGPU failed the self-test: ${(error as Error).message}`);
  }
}

async function adapterInfo(): Promise<{ readonly software: boolean } | undefined> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<{ info?: AdapterInfo } | null> } };
  const adapter = await gpu?.requestAdapter();
  if (adapter === null || adapter === undefined) return undefined;
  const { isFallbackAdapter = false, architecture = '' } = adapter.info ?? {};
  return { software: isFallbackAdapter || architecture === 'swiftshader' };
}

interface AdapterInfo {
  readonly isFallbackAdapter?: boolean;
  readonly architecture?: string;
}
