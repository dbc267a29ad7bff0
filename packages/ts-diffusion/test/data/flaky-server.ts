import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** A local server with whatever faults `handler` has; keeps a list of what it was asked. */
export class FlakyServer {
  readonly requests: Request[] = [];
  readonly #server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers;
    this.requests.push({ path: request.url ?? '', range, ifRange: ifRange as string | undefined });
    this.handler(request, response, this.requests.length);
  });

  /** Answers request number `n`, counted from 1. */
  handler: (request: IncomingMessage, response: ServerResponse, n: number) => void = (_, response) => {
    response.writeHead(404).end();
  };

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Serves `content` as a good server does: ETag, Range with If-Range (RFC 9110, section 14). */
export function serve(request: IncomingMessage, response: ServerResponse, content: Uint8Array, etag = '"v1"'): void {
  const start = rangeStart(request, etag);
  if (start === 0) {
    response.writeHead(200, { 'content-length': content.length, etag }).end(content);
    return;
  }
  if (start >= content.length) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(206, {
    'content-length': content.length - start,
    'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    etag,
  });
  response.end(content.subarray(start));
}

/** Promises the rest of `content` but closes the connection after `length` bytes, or stalls there. */
export function serveOnly(
  length: number,
  then: 'close' | 'stall',
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array,
  etag: string | null = '"v1"',
): void {
  const start = etag === null ? 0 : rangeStart(request, etag);
  response.writeHead(start === 0 ? 200 : 206, {
    'content-length': content.length - start,
    ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    ...(etag !== null && { etag }),
  });
  response.write(content.subarray(start, start + length), () => {
    // Time for the bytes to arrive: a reset throws away what the reader has not yet taken, on a busy machine too.
    if (then === 'close') setTimeout(() => response.destroy(), 1000);
  });
}

function rangeStart(request: IncomingMessage, etag: string): number {
  if (request.headers['if-range'] !== etag) return 0;
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}
