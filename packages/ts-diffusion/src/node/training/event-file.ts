import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pngSize } from '../../formats/png-header.js';
import { encodeEvent, type EventContent } from '../../formats/tensorboard-event.js';
import { encodeTfRecord } from '../../formats/tf-record.js';
import { isWatched, type MetricsLine, type WatchedLine } from '../../training/metrics-window.js';
import { writeError } from '../files/atomic-file.js';
import { writeFully } from '../files/write-fully.js';

const PREFIX = 'events.out.tfevents.';
const NAME = /^events\.out\.tfevents\.(\d{10})\.(\d{4})$/;

/** The tag of sample grids. */
const SAMPLES = 'samples';

/** The event files of a folder that this program wrote, oldest first: TensorBoard reads them in the order of their names. */
export function eventFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
}

/** A name after all others, whatever the clock says. */
function nextName(names: readonly string[], seconds: number): string {
  const [, last = '0', serial = '0'] = NAME.exec(names.at(-1) ?? '') ?? [];
  const isTaken = Number(last) >= Math.floor(seconds);
  const [time, number] = isTaken ? [last, Number(serial) + 1] : [String(Math.floor(seconds)), 0];
  return `${PREFIX}${time.padStart(10, '0')}.${String(number).padStart(4, '0')}`;
}

/**
 * The TensorBoard event file of one start of a run. A start after step k voids events of step k and later in earlier files
 * (`SessionLog.START`), so that a run that was killed shows every step once.
 */
export class EventFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #verify: () => void;

  /**
   * Makes a new file in a folder.
   *
   * @param step the first one that it holds events of
   * @param verify called before each write; throws where the folder is another process's now
   * @throws WriteError when the file cannot be written
   */
  constructor(folder: string, step: number, verify: () => void) {
    this.#verify = verify;
    verify();
    this.#path = join(folder, nextName(eventFiles(folder), Date.now() / 1000));
    this.#descriptor = this.#guard(() => openSync(this.#path, 'ax'));
    this.#write(0, { type: 'version' });
    this.#write(step, { type: 'start' });
  }

  /** Adds the numbers of a line of the metrics. */
  addLine(line: MetricsLine | WatchedLine): void {
    this.#write(line.step, { type: 'scalars', values: scalarsOf(line) });
  }

  /** Adds the sample grid of a step. @param png a whole file */
  addSamples(step: number, png: Uint8Array): void {
    this.#write(step, { type: 'image', tag: SAMPLES, image: { ...pngSize(png), png } });
  }

  /** Makes the events so far survive a power failure. */
  flush(): void {
    this.#guard(() => {
      fsyncSync(this.#descriptor);
    });
  }

  /** Nothing is added after that. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #write(step: number, content: EventContent): void {
    this.#verify();
    const record = encodeTfRecord(encodeEvent(step, Date.now() / 1000, content));
    this.#guard(() => {
      writeFully(this.#descriptor, record);
    });
  }

  #guard<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}

function scalarsOf(line: MetricsLine | WatchedLine): Record<string, number> {
  if (!isWatched(line)) {
    const { loss, learningRate, msPerStep } = line;
    return { 'loss/training': loss, learning_rate: learningRate, steps_per_second: 1000 / msPerStep };
  }
  const { validationLoss, scores = {} } = line;
  return {
    ...(validationLoss === undefined ? {} : { 'loss/validation': validationLoss }),
    ...Object.fromEntries(Object.entries(scores).map(([name, value]) => [`scores/${name}`, value])),
  };
}
