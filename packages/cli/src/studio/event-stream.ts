import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StudioEvents } from './api.js';
import { RequestError } from './errors.js';
import { type MetricsChunk, MetricsChunks } from './metrics-chunks.js';
import type { TailPosition } from './metrics-tail.js';
import { insideRuns } from './run-files.js';
import type { Runs } from './runs.js';

const POLL_MS = 500;
/** Between the parts of long metrics: what many pages are sent at once is collected before more is read. */
const BETWEEN_CHUNKS_MS = 40;
/** A comment now and then, so that a connection that is gone is noticed on both sides. */
const HEARTBEAT_MS = 15_000;
const CONNECTIONS_AT_MOST = 64;
/** A page that takes nothing for so long is gone or stuck: it reconnects by itself when it is not. */
const STALLED_MS = 60_000;
const RECONNECT_MS = 1000;

type Positions = ReadonlyMap<string, TailPosition>;

/**
 * Server-sent events: the list of runs whenever it changes, and the new metrics of the runs asked for. An event's id says
 * how far each run's metrics have been sent, so a page that reconnects, to this process or the next, misses nothing and
 * gets nothing twice.
 */
export class EventStreams {
  readonly #open = new Set<ServerResponse>();
  readonly #chunks = new MetricsChunks();
  #listed: { readonly text: string; readonly at: number } | undefined;

  constructor(private readonly runs: Runs) {}

  /** @throws RequestError (429) when too many pages listen already */
  makeSureOfRoom(): void {
    if (this.#open.size >= CONNECTIONS_AT_MOST) {
      throw new RequestError(429, `${CONNECTIONS_AT_MOST} pages are already connected, the most allowed. Close one.`);
    }
  }

  /**
   * Answers until the page goes away.
   *
   * @param names the runs whose metrics to send
   * @param lastEventId of the connection before, if there was one
   */
  async serve(response: ServerResponse, names: readonly string[], lastEventId: string | undefined): Promise<void> {
    const gone = new AbortController();
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      gone.abort();
    });
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(`retry: ${RECONNECT_MS}\n\n`);
    await this.#send(response, names, decodePositions(lastEventId), gone.signal);
  }

  close(): void {
    for (const response of this.#open) response.end();
  }

  async #send(response: ServerResponse, names: readonly string[], sent: Positions, gone: AbortSignal): Promise<void> {
    const positions = new Map([...sent].filter(([name]) => names.includes(name)));
    const send = (event: keyof StudioEvents, ...data: readonly (string | Buffer)[]): void => {
      response.cork();
      for (const part of [`event: ${event}\nid: ${encodePositions(positions)}\ndata: `, ...data, '\n\n']) {
        response.write(part);
      }
      response.uncork();
    };
    let listed = '';
    let quietSince = Date.now();
    while (!gone.aborted) {
      const text = this.#list();
      if (text !== listed) send('runs', text);
      let more = false;
      for (const run of names) {
        const read = this.#read(run, positions.get(run));
        if (read === undefined) continue;
        positions.set(run, read.position);
        if (read.lines !== undefined || read.restarted) send('metrics', ...metricsUpdate(run, read));
        more ||= read.more;
        // What a page has not taken is not read: a page that reads nothing costs one chunk, whatever the runs hold.
        await drained(response, gone);
      }
      if (text !== listed || more) quietSince = Date.now();
      listed = text;
      if (Date.now() - quietSince > HEARTBEAT_MS) {
        response.write(': still here\n\n');
        quietSince = Date.now();
      }
      await drained(response, gone);
      await delay(more ? BETWEEN_CHUNKS_MS : POLL_MS, undefined, { signal: gone }).catch(() => undefined);
    }
  }

  /** The list of runs as JSON, made once for all pages that ask within a moment. */
  #list(): string {
    if (this.#listed === undefined || Date.now() - this.#listed.at > POLL_MS / 2) {
      this.#listed = { text: JSON.stringify(this.runs.list()), at: Date.now() };
    }
    return this.#listed.text;
  }

  /** Nothing for a run that is not there (yet, or any more). */
  #read(run: string, position: TailPosition | undefined): MetricsChunk | undefined {
    try {
      return this.#chunks.read(join(insideRuns(this.runs.folder, run), 'metrics.jsonl'), position);
    } catch (error) {
      if (error instanceof RequestError) return undefined;
      throw error;
    }
  }
}

/** A `MetricsUpdate` as JSON, in parts. */
function metricsUpdate(run: string, { lines, restarted }: MetricsChunk): (string | Buffer)[] {
  return [`{"run":${JSON.stringify(run)},"lines":`, lines ?? '[]', `,"restarted":${restarted}}`];
}

/** Settles once the page has taken what was written, or is gone; ends the connection of a page that takes nothing. */
function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  if (!response.writableNeedDrain || gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), STALLED_MS);
    const settle = (): void => {
      clearTimeout(stalled);
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}

/** `name@inode-offset`, comma-separated; names hold neither comma nor @. */
function encodePositions(positions: Positions): string {
  return [...positions].map(([name, { inode, offset }]) => `${name}@${inode}-${offset}`).join(',');
}

/** What is not a position is passed over: that run is then sent from its beginning. */
function decodePositions(id: string | undefined): Positions {
  return new Map(
    (id ?? '').split(',').flatMap((part) => {
      const [, name, inode, offset] = /^([\w.-]+)@(\d+)-(\d+)$/.exec(part) ?? [];
      return name === undefined ? [] : [[name, { inode: Number(inode), offset: Number(offset) }] as const];
    }),
  );
}
