import type { Runtime } from '../../runtime/types.js';

/** The browser and what computes in it, for receipts. */
export function describeMachine({ device, threads, version }: Runtime): string {
  return `${navigator.userAgent}, ${device}, ${threads} threads, ${version}`;
}
