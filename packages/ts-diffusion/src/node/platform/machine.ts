import { cpus } from 'node:os';
import type { Runtime } from '../../runtime/types.js';
import { count, options, signature, text } from '../../utils/arguments.js';

const describeMachineArguments = signature('describeMachine', {
  runtime: options({ device: text, threads: count, version: text }),
});

/** The machine and what computes on it, for receipts. */
export function describeMachine(runtime: Runtime): string {
  describeMachineArguments({ runtime });
  const { device, threads, version } = runtime;
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${processor}, ${device}, ${threads} threads, ${version}, Node ${process.version}`;
}
