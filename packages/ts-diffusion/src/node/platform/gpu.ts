/** Why WebGPU is not to be tried, nothing where that needs no words; undefined where it is tried: when it is asked for. */
export function reasonAgainstGpu(asked: 'auto' | 'webgpu'): Promise<string | undefined> {
  return Promise.resolve(asked === 'auto' ? '' : undefined);
}

/** Why the CPU computes with one thread where there could be more: nothing hinders it in Node. */
export const reasonForOneThread: (threads: number) => string | undefined = () => undefined;
