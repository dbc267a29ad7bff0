import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { STEADY } from './studio-requests.js';

/** How a page that follows the events behaves, and how long it does. */
const kinds = ['reads', 'reads nothing', 'reads slowly', 'leaves at once'] as const;
export type StreamKind = (typeof kinds)[number];

/** A page that listens, leaves and comes back, until `signal` is aborted. @param onServed told of each connection */
export async function followEvents(
  port: number,
  random: RandomStream,
  signal: AbortSignal,
  onServed: (kind: StreamKind, status: number) => void,
): Promise<void> {
  while (!signal.aborted) {
    const kind = kinds[random.integer(kinds.length)] as StreamKind;
    const lastEventId = random.integer(2) === 0 ? '' : `Last-Event-ID: ${STEADY}@1-${random.integer(1000)}\r\n`;
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/events?runs=${STEADY},run-1,run-2 HTTP/1.1\r\nHost: localhost:${port}\r\n${lastEventId}\r\n`,
    );
    const status = await firstStatus(socket, kind);
    onServed(kind, status);
    const stay = kind === 'leaves at once' ? 0 : 500 + random.integer(10_000);
    if (kind === 'reads') socket.resume();
    const slowly = setInterval(() => {
      if (kind === 'reads slowly') socket.read(4096);
    }, 100);
    await delay(stay, undefined, { signal }).catch(() => undefined);
    clearInterval(slowly);
    socket.destroy();
  }
}

/** The status of the answer; 200 for a page that does not even look. */
async function firstStatus(socket: Socket, kind: StreamKind): Promise<number> {
  if (kind !== 'reads') socket.pause();
  if (kind === 'reads nothing' || kind === 'leaves at once') {
    await delay(20);
    return 200;
  }
  const chunk = await new Promise<Buffer | null>((resolve) => {
    socket.once('readable', () => {
      resolve(socket.read() as Buffer | null);
    });
    socket.once('close', () => {
      resolve(null);
    });
  });
  return Number(/^HTTP\/1\.1 (\d+)/.exec(chunk?.toString('latin1') ?? '')?.[1] ?? 0);
}
