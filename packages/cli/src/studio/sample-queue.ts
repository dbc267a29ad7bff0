import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleRequest } from './api.js';
import { flagArguments } from '../options/schema-flags.js';
import { watchErrors } from '../output/child-errors.js';
import { RequestError } from './errors.js';
import { lowerPriority } from './lower-priority.js';
import { requestedSampling } from './requests.js';

const WAITING_AT_MOST = 4;
const MINUTES_AT_MOST = 10;
/** Of all classes, more are not drawn than of labels that are listed. */
const IMAGES_AT_MOST = 100;

/** Draws images from checkpoints, one request after the other, each in a child process. */
export class SampleQueue {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param cli the command line's `main.js`
   * @param minutes what the images of one request may take
   */
  constructor(
    private readonly cli: string,
    private readonly minutes = MINUTES_AT_MOST,
  ) {}

  /**
   * A PNG of the images asked for, ten in a row.
   *
   * @param checkpoint path of the checkpoint file
   * @param signal aborted when nobody waits for the answer any more
   * @throws RequestError: 429 when too many requests wait; 422 with the reason when the images cannot be drawn, or
   *   not in time
   */
  async sample(checkpoint: string, request: SampleRequest, signal: AbortSignal): Promise<Buffer> {
    if (this.#waiting >= WAITING_AT_MOST) {
      throw new RequestError(
        429,
        `${WAITING_AT_MOST} sampling requests are running or queued, the most allowed. Try again later.`,
      );
    }
    this.#waiting++;
    const turn = this.#last.then(() => (signal.aborted ? Buffer.alloc(0) : this.#draw(checkpoint, request, signal)));
    this.#last = turn.catch(() => undefined);
    return turn.finally(() => this.#waiting--);
  }

  async #draw(checkpoint: string, request: SampleRequest, signal: AbortSignal): Promise<Buffer> {
    const folder = mkdtempSync(join(tmpdir(), 'diffusion-studio-'));
    const out = join(folder, 'samples.png');
    const options = { checkpoint, weights: request.weights, 'per-class': 1, scale: 3, out } as const;
    const flags = [
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...flagArguments(requestedSampling, request),
    ];
    const { labels } = request;
    const classes = labels === 'all' ? 'all,all' : labels.join();
    // With an equals sign: the first index may be -1.
    const drawn = [`--class-indices=${classes}`, '--at-most', String(IMAGES_AT_MOST)];
    try {
      await run([this.cli, 'sample', ...flags, ...drawn], this.minutes, signal);
      return readFileSync(out);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function run(args: readonly string[], minutes: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, minutes * 60_000);
    lowerPriority(child);
    const reason = watchErrors(child.stderr);
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else
        reject(new RequestError(422, late ? tooLong(minutes) : (reason() ?? endedBy(killedBy ?? `exit code ${code}`))));
    });
  });
}

const tooLong = (minutes: number): string =>
  `Drawing took more than ${minutes} minutes, the most allowed, and was stopped. Choose fewer steps or fewer images.`;

const endedBy = (how: string): string => `The sampling process ended without an error message (${how}).`;
