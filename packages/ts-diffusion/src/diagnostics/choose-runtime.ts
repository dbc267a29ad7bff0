import { reasonAgainstGpu, reasonForOneThread } from '#platform/gpu.js';
import { createRuntime } from '#platform/runtime.js';
import type { Architecture } from '../models/denoiser-network.js';
import { breathing } from '../runtime/breathing.js';
import type { RuntimeOptions, WasmFiles } from '../runtime/options.js';
import { RuntimeError, type DeviceName, type Runtime } from '../runtime/types.js';
import { messageOf } from '../runtime/errors.js';
import { maximumDifference, predictTinyImages, trainTinySteps } from './self-test.js';

/**
 * `auto`: WebGPU on a GPU of a browser that passes the self-test, otherwise the CPU. Another one, as of `RuntimeOptions`: that one or
 * an error; `webgpu` may also be a GPU in software, and has to pass the self-test.
 */
export type DeviceChoice = 'auto' | DeviceName;

/** As `RuntimeOptions`, for a device yet to be chosen. */
export interface DeviceOptions extends Omit<RuntimeOptions, 'device' | 'wasmPaths'> {
  readonly device?: DeviceChoice | undefined;
  /** See `RuntimeOptions`; files for each device where they are not in one folder. */
  readonly wasmPaths?: string | { readonly cpu?: WasmFiles; readonly webgpu?: WasmFiles } | undefined;
}

/** The runtime that was chosen. */
export interface ChosenRuntime {
  readonly runtime: Runtime;
  /** Why it is not another, for people. */
  readonly note?: string;
}

/** What a runtime is chosen for: training needs more of a device, and takes longer to test. */
export type RuntimePurpose = 'sampling' | 'training';

interface SelfTest {
  readonly run: (runtime: Runtime, architecture: Architecture) => Promise<Float32Array>;
  readonly result: string;
  /** The results of two devices may differ by so much: rounding, in float32. */
  readonly tolerance: number;
}

const selfTests: Readonly<Record<RuntimePurpose, SelfTest>> = {
  sampling: { run: predictTinyImages, result: 'predictions', tolerance: 1e-4 },
  // A wrong gradient moves a weight by 1e-3.
  training: {
    run: (runtime, architecture) => trainTinySteps(runtime, [architecture]),
    result: 'weights',
    tolerance: 1e-5,
  },
};

/**
 * A runtime for a network of this architecture on the device that is asked for; by `auto`, on WebGPU where it is there and computes
 * what the CPU computes, otherwise on the CPU, with a note that says why.
 *
 * @throws RuntimeError where the device asked for is not available or fails the self-test, or not even the CPU is available
 */
export async function chooseRuntime(
  { device = 'auto', threads, wasmPaths }: DeviceOptions,
  architecture: Architecture,
  purpose: RuntimePurpose,
): Promise<ChosenRuntime> {
  const create = async (on: DeviceName): Promise<Runtime> => {
    const paths = typeof wasmPaths === 'object' ? wasmPaths[on === 'webgpu' ? on : 'cpu'] : wasmPaths;
    return breathing(await createRuntime({ device: on, threads, wasmPaths: paths }));
  };
  const cpu = async (reason?: string, on: DeviceName = 'cpu'): Promise<ChosenRuntime> => {
    const runtime = await create(on);
    const notes = [reason, reasonForOneThread(runtime.threads)].filter((note) => note !== undefined && note !== '');
    return notes.length === 0 ? { runtime } : { runtime, note: notes.join('; ') };
  };
  if (device === 'cpu' || device === 'wasm') return await cpu(undefined, device);
  const otherwise = async (reason: string, cause?: unknown): Promise<ChosenRuntime> => {
    if (device === 'auto') return await cpu(reason);
    throw new RuntimeError(`The device asked for is webgpu, but ${reason}. Ask for the CPU, or for no device.`, {
      cause,
    });
  };
  const reason = await reasonAgainstGpu(device);
  if (reason !== undefined) return await otherwise(reason);
  const { run, result, tolerance } = selfTests[purpose];
  let failure: string;
  let cause: unknown;
  try {
    const [reference, runtime] = [await create('cpu'), await create('webgpu')];
    const difference = maximumDifference(await run(runtime, architecture), await run(reference, architecture));
    if (difference <= tolerance) return { runtime };
    failure = `its ${result} are off by ${difference.toExponential(1)}`;
  } catch (error) {
    [failure, cause] = [messageOf(error), error];
  }
  return await otherwise(`WebGPU failed the self-test: ${failure}`, cause);
}
