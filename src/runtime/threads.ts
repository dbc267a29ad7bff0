import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { RuntimeError } from './types.js';

/**
 * How many threads to compute with: one per physical core that this process may use. The second hardware thread of a core
 * shares its arithmetic units and only slows convolutions down.
 */
export function defaultThreads(): number {
  const logical = availableParallelism();
  return Math.min(logical, physicalCores() ?? logical);
}

/** @throws RuntimeError unless `threads` is an integer of at least 1 */
export function checkThreads(threads: number): number {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RuntimeError(`The number of threads must be an integer of at least 1, got ${threads}.`);
  }
  return threads;
}

/** Distinct (package, core) pairs that Linux reports; undefined elsewhere. */
function physicalCores(): number | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined;
  }
  const field = (processor: string, name: string): string | undefined =>
    new RegExp(`^${name}\\s*: (\\d+)$`, 'm').exec(processor)?.[1];
  const cores = text
    .split('\n\n')
    .map((processor) => ({ core: field(processor, 'core id'), socket: field(processor, 'physical id') }))
    .filter(({ core }) => core !== undefined)
    .map(({ core, socket }) => `${socket ?? 0}:${core ?? 0}`);
  return cores.length > 0 ? new Set(cores).size : undefined;
}
