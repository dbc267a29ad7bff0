import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { mkdirSync } from 'node:fs';
import { UserError } from 'ts-diffusion/errors';
import type { TaskQueue } from '../queue/queue-server.js';
import { guardAccess } from './access.js';
import { parseShallowJson } from './shallow-json.js';
import type { ErrorAnswer } from './api.js';
import { EventStreams } from './event-stream.js';
import { packageFiles } from './package-files.js';
import { addRoutes } from './routes.js';
import { Runs } from './runs.js';
import { SampleQueue } from './sample-queue.js';
import { serveFolder } from './static-files.js';
import { Trainings } from './trainings.js';

export interface StudioOptions {
  /** The folder whose runs are shown; nothing outside it is readable. Made if it is not there. */
  readonly runsFolder: string;
  /** The built page. */
  readonly webFolder: string;
  /** The command line's `main.js`: trainings and sampling are child processes, because a session's run blocks the event loop. */
  readonly cli: string;
  /** The address listened on, whose names requests must use. */
  readonly host: string;
  /** Shown on a page of their own, and closed with the server. Default: none. */
  readonly queues?: readonly TaskQueue[];
}

const LARGEST_BODY = 64 * 1024;

/** The studio's server, not yet listening. `close` stops the trainings it started and waits for their checkpoints. */
export function createStudio({ runsFolder, webFolder, cli, host, queues = [] }: StudioOptions): FastifyInstance {
  mkdirSync(runsFolder, { recursive: true });
  const app = Fastify({
    bodyLimit: LARGEST_BODY,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
    // It would also limit how long `close` waits for checkpoints.
    pluginTimeout: 0,
  });
  const trainings = new Trainings(cli);
  const runs = new Runs(runsFolder, trainings);
  const streams = new EventStreams(runs);

  // A form of another site can send text without asking first; JSON it cannot.
  app.removeContentTypeParser('text/plain');
  parseShallowJson(app);
  guardAccess(app, host);
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error instanceof UserError && error.statusCode === undefined ? 400 : (error.statusCode ?? 500);
    return reply.code(status).send({ error: error.message } satisfies ErrorAnswer);
  });
  addRoutes(app, { runs, trainings, samples: new SampleQueue(cli), streams });
  if (queues.length > 0) {
    void app.register(
      async (scope) => {
        const { serveQueueBoard } = await import('./queue-board.js');
        await serveQueueBoard(scope, queues);
      },
      { prefix: '/queue' },
    );
  }
  serveFolder(app, webFolder, packageFiles());
  app.addHook('preClose', async () => {
    streams.close();
    await trainings.close();
    await Promise.all(queues.map((queue) => queue.close()));
  });
  return app;
}
