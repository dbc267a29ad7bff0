/** Serves drawings and stays responsive meanwhile: a worker process draws. `npm run example examples/server.ts [port]` */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from 'ts-diffusion/errors';
import { encodePng, imageGrid } from 'ts-diffusion/images';
import { WorkerPipeline } from 'ts-diffusion/worker';

const pipeline = await WorkerPipeline.load('modern');

/** A PNG of the digits that the address asks for, e.g. `/draw?labels=314&seed=2`. */
async function draw(query: URLSearchParams, signal: AbortSignal): Promise<Uint8Array> {
  const labels = Array.from(query.get('labels') ?? '0123456789', Number);
  const drawn = await pipeline.generate({ labels, seed: Number(query.get('seed') ?? 0) }, { signal });
  const grid = imageGrid(drawn.images, drawn, 10);
  return encodePng(grid.data, grid.width, grid.height);
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/health') {
    response.end('ok\n');
  } else if (pathname === '/draw') {
    // A client that leaves stops its drawing.
    const abort = new AbortController();
    response.on('close', () => {
      abort.abort();
    });
    draw(searchParams, abort.signal).then(
      (png) => response.setHeader('Content-Type', 'image/png').end(png),
      (error: unknown) => {
        if (!abort.signal.aborted) response.writeHead(error instanceof UserError ? 400 : 500).end(`${String(error)}\n`);
      },
    );
  } else {
    response.writeHead(404).end('There are /draw?labels=314&seed=1 and /health.\n');
  }
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/draw?labels=314&seed=1`);
});
process.once('SIGTERM', () => {
  server.close();
  pipeline.dispose();
});
