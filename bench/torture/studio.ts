import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tortureStudio as torture, type StudioResult } from '../../packages/cli/test/torture/studio.js';
import type { Outcome, TortureOptions } from './outcome.js';

const CLIENTS = 40;
/** As many as the server takes. */
const STREAMS = 64;

/** The studio's server under many clients; see `tortureStudio` beside its tests. */
export async function tortureStudio({ seed, progress }: TortureOptions, minutes: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'torture-studio-'));
  const seconds = Math.round(60 * minutes);
  try {
    const result = await torture(folder, {
      seed,
      clients: CLIENTS,
      streams: STREAMS,
      milliseconds: 1000 * seconds,
      onProgress: ({ elapsed, requests, failures }) => {
        const done = Math.min(seconds, Math.round(elapsed / 1000));
        progress.update(done, seconds, `studio: ${requests} requests, ${failures} failures`);
      },
    });
    return { faults: result.faults, failures: result.failures, figures: describe(result) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe({ requests, streams, trainings, latency, memory, counts }: StudioResult): string[] {
  const { p50, p99, slowest } = latency;
  const common = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`);
  return [
    `${CLIENTS} clients, ${STREAMS} streams: ${requests} requests, ${streams} event streams, ${trainings} trainings`,
    `list of runs: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`,
    describeMemory(memory),
    `requests: ${common.join(', ')}`,
  ];
}

/** The curve of the resident memory: its ends, its top, and ten values between. */
function describeMemory(memory: readonly number[]): string {
  if (memory.length === 0) return 'memory, descriptors and children of the server cannot be read on this system';
  const curve = Array.from(
    { length: 10 },
    (_, i) => memory[Math.round(((i + 0.5) * (memory.length - 1)) / 10)] as number,
  );
  const round = (megabytes: number): string => megabytes.toFixed(0);
  const [start, most, end] = [memory[0] as number, Math.max(...memory), memory.at(-1) as number];
  return `memory of the server: ${round(start)} MB before, ${round(most)} at most, ${round(end)} after; on the way ${curve.map(round).join(', ')}`;
}
