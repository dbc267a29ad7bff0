import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { RuntimeError } from '../../runtime/types.js';

/**
 * How many threads to compute with, given how many were asked for.
 *
 * @param requested 0: `defaultThreads`
 * @throws RuntimeError unless it is an integer of at least 0
 */
export function resolveThreads(requested: number): number {
  if (!Number.isInteger(requested) || requested < 0) {
    throw new RuntimeError(
      `The number of threads must be an integer of at least 1, or 0 for one per core, got ${requested}.`,
    );
  }
  return requested === 0 ? defaultThreads() : requested;
}

/**
 * One thread per physical core among the processors that this process may use: by its CPU affinity, and by the quota of its
 * control group where Node's `availableParallelism` knows that. The second hardware thread of a core shares its arithmetic
 * units and only slows convolutions down.
 */
export function defaultThreads(): number {
  const logical = availableParallelism();
  let cores: number | undefined;
  try {
    cores = physicalCores(readFileSync('/proc/cpuinfo', 'utf8'), readFileSync('/proc/self/status', 'utf8'));
  } catch {
    // Not Linux: there the logical processors are all that Node tells.
  }
  return Math.min(logical, cores ?? logical);
}

/**
 * Distinct (package, core) pairs among the processors that a process may use.
 *
 * @param cpuinfo Linux' /proc/cpuinfo
 * @param status Linux' /proc/self/status
 * @returns undefined where the processors do not say which core they are of, as on ARM
 */
export function physicalCores(cpuinfo: string, status: string): number | undefined {
  const [, list = ''] = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status) ?? [];
  const allowed = list.split(',').map((range) => range.split('-').map(Number));
  const mayUse = (processor: number): boolean =>
    list === '' || allowed.some(([first = NaN, last = first]) => processor >= first && processor <= last);

  const cores = cpuinfo
    .split('\n\n')
    .map((text) => {
      const field = (name: string): string | undefined => new RegExp(`^${name}\\s*: (\\d+)$`, 'm').exec(text)?.[1];
      return { processor: Number(field('processor')), core: field('core id'), socket: field('physical id') ?? '0' };
    })
    .filter(({ processor, core }) => core !== undefined && mayUse(processor))
    .map(({ core, socket }) => `${socket}:${core ?? ''}`);
  return cores.length > 0 ? new Set(cores).size : undefined;
}
