import type { VNode } from 'preact';
import { useStudio } from '../state/studio.js';

/** Where the page computes, and with what. */
export function DeviceStatus(): VNode {
  const { info, failure, model } = useStudio();
  if (failure !== undefined) return <>No model is loaded.</>;
  if (info === undefined) return <>Loading the model.</>;
  const where =
    info.device === 'webgpu' ? 'WebGPU' : `WebAssembly, ${info.threads} thread${info.threads === 1 ? '' : 's'}`;
  return (
    <>
      {model.title}: {info.parameters.toLocaleString('en')} parameters, {info.schedule} schedule, T = {info.timesteps}.
      Computed in this browser ({where}
      {info.note === undefined ? '' : `; ${info.note}`}).
    </>
  );
}
