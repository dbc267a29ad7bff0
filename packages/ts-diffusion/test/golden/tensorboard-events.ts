import { readFileSync } from 'node:fs';
import type { EventsSeen } from '../formats/read-events.js';

/** What `bench/golden/tensorboard_events.py` writes: files of `event-run.ts` in base64, and what TensorBoard shows of them. */
interface GoldenEvents extends EventsSeen {
  readonly files: Readonly<Record<string, string>>;
  readonly fileVersion: number;
  /** As the program shows them, after its conversion of scalars to tensors. */
  readonly pluginScalars: EventsSeen['scalars'];
}

const file = new URL('tensorboard-events.json', import.meta.url);
export const goldenEvents = JSON.parse(readFileSync(file, 'utf8')) as GoldenEvents;
