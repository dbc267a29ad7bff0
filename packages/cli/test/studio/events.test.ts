import { appendFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, metricsLines, studioUnderTest } from './studio-folder.js';

const studio = studioUnderTest();

interface ServerEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

interface Listener {
  readonly status: number | undefined;
  readonly events: readonly ServerEvent[];
  readonly close: () => void;
}

/** Listens as an EventSource would. */
async function listen(runs: string, lastEventId?: string): Promise<Listener> {
  const { app } = studio();
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`http://127.0.0.1:${port}/api/events?runs=${runs}`, { headers }, resolve).on('error', reject);
  });
  const events: ServerEvent[] = [];
  let text = '';
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? '';
      if (field('data') !== '')
        events.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) });
    }
  });
  return { status: response.statusCode, events, close: () => response.destroy() };
}

const stepsIn = (events: readonly ServerEvent[]): number[] =>
  events
    .filter(({ event }) => event === 'metrics')
    .flatMap(({ data }) => (data as { lines: { step: number }[] }).lines.map(({ step }) => step));

test('tells the runs, the metrics so far, and then what is new', async () => {
  const { events } = await listen('tiny');
  await eventually(() => {
    expect(stepsIn(events)).toEqual([1, 2, 3]);
  });
  expect(events[0]).toMatchObject({ event: 'runs', data: [{ name: 'tiny', step: 3 }] });
  appendFileSync(join(studio().root, 'runs/tiny/metrics.jsonl'), metricsLines(4, 5));
  await eventually(() => {
    expect(stepsIn(events)).toEqual([1, 2, 3, 4, 5]);
  });
  expect(events.filter(({ event }) => event === 'runs').at(-1)).toMatchObject({ data: [{ step: 5 }] });
});

test('goes on where a lost connection ended', async () => {
  const first = await listen('tiny');
  await eventually(() => {
    expect(stepsIn(first.events)).toEqual([1, 2, 3]);
  });
  first.close();
  appendFileSync(join(studio().root, 'runs/tiny/metrics.jsonl'), metricsLines(4, 4));
  const second = await listen('tiny', first.events.at(-1)?.id);
  await eventually(() => {
    expect(stepsIn(second.events)).toEqual([4]);
  });
});

test('an id that is none starts from the beginning; a run that is not there has nothing to tell', async () => {
  const { events } = await listen('tiny,nobody', 'nonsense@x,tiny@1');
  await eventually(() => {
    expect(stepsIn(events)).toEqual([1, 2, 3]);
  });
});

test('names that lead out of the folder are refused', async () => {
  expect((await studio().app.inject('/api/events?runs=..%2f..')).statusCode).toBe(400);
});

test('only so many pages listen; one that leaves makes room', async () => {
  const first = await listen('');
  const others = await Promise.all(Array.from({ length: 63 }, () => listen('')));
  expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await listen('')).status).toBe(429);
  first.close();
  await eventually(async () => {
    expect((await listen('')).status).toBe(200);
  });
});
