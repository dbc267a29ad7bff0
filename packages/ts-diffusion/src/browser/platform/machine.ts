import type { Runtime } from '../../runtime/types.js';
import { count, options, signature, text } from '../../utils/arguments.js';

const describeMachineArguments = signature('describeMachine', {
  runtime: options({ device: text, threads: count, version: text }),
});

/** The browser and what computes in it, for receipts. */
export function describeMachine(runtime: Runtime): string {
  describeMachineArguments({ runtime });
  const { device, threads, version } = runtime;
  return `${navigator.userAgent}, ${device}, ${threads} threads, ${version}`;
}
