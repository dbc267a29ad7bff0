import { cpus } from 'node:os';
import type { Runtime } from '../../runtime/types.js';

/** The machine and what computes on it, for receipts. */
export function describeMachine({ device, threads, version }: Runtime): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${processor}, ${device}, ${threads} threads, ${version}, Node ${process.version}`;
}
