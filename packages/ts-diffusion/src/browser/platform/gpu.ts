/** What a browser tells of a GPU. */
interface AdapterInfo {
  readonly isFallbackAdapter?: boolean;
  readonly architecture?: string;
}

/**
 * Why WebGPU is not to be tried; undefined where it is. A GPU in software is slower than WebAssembly: it is used only when asked for.
 */
export async function reasonAgainstGpu(asked: 'auto' | 'webgpu'): Promise<string | undefined> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<{ info?: AdapterInfo } | null> } };
  let adapter: { info?: AdapterInfo } | null | undefined;
  try {
    adapter = await gpu?.requestAdapter();
  } catch (error) {
    return `WebGPU failed: ${(error as Error).message}`;
  }
  if (adapter === null || adapter === undefined) return 'this browser has no WebGPU';
  const { isFallbackAdapter = false, architecture = '' } = adapter.info ?? {};
  const software = isFallbackAdapter || architecture === 'swiftshader';
  return asked === 'auto' && software ? 'WebGPU is available only in software' : undefined;
}

/** Why the CPU computes with one thread where there could be more; undefined where nothing hinders it. */
export function reasonForOneThread(threads: number): string | undefined {
  const hindered = threads === 1 && navigator.hardwareConcurrency > 1 && !globalThis.crossOriginIsolated;
  return hindered ? 'one thread, because the host does not isolate the page' : undefined;
}
