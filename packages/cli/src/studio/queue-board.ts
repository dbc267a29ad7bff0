import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import type { TaskQueue } from '../queue/queue-server.js';

const BOARD = '/queue';

/**
 * Serves bull-board's page of some queues, behind the rules of the server that it is registered at: it has none of its own. It only
 * shows, since a job that a page could add would run as a command on every worker; `diffusion queue` cancels and retries.
 *
 * @param app registered with the prefix `/queue`
 */
export async function serveQueueBoard(app: FastifyInstance, queues: readonly TaskQueue[]): Promise<void> {
  const adapter = new FastifyAdapter().setBasePath(BOARD);
  createBullBoard({
    // The adapter's type knows Redis alone; it asks what PostgreSQL answers too.
    queues: queues.map((queue) => new BullMQAdapter(queue as unknown as Queue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Queue', hideRedisDetails: true } },
  });
  // The page finds its scripts by a base of its own; fonts of another host stay refused.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    const policy = String(reply.getHeader('Content-Security-Policy') ?? '');
    reply.header('Content-Security-Policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
    done();
  });
  await app.register(adapter.registerPlugin());
}
