import type { FastifyInstance, FastifyRequest } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkSameRun,
  continuedTrainConfig,
  parseConfig,
  resolveTrainConfig,
  trainConfigFor,
  type TrainPreset,
} from 'ts-diffusion/train';
import { RequestError } from './errors.js';
import type { EventStreams } from './event-stream.js';
import { resumeRequest, sampleRequest, startRequest } from './requests.js';
import { checkName, insideRuns, readInsideRuns } from './run-files.js';
import type { Runs } from './runs.js';
import type { SampleQueue } from './sample-queue.js';
import type { Trainings } from './trainings.js';

export interface StudioParts {
  readonly runs: Runs;
  readonly trainings: Trainings;
  readonly samples: SampleQueue;
  readonly streams: EventStreams;
}

/** Runs whose metrics one page follows. */
const FOLLOWED_AT_MOST = 8;

interface RunAddress {
  readonly run: string;
  readonly file: string;
}

/** The configuration of a new run is checked before its images are looked at. */
const ANY_IMAGES = { height: 32, width: 32, count: 10_000 };

const address = (request: FastifyRequest): RunAddress => request.params as RunAddress;

/** Every address under `/api`; what they say is in `api.ts`. */
export function addRoutes(app: FastifyInstance, { runs, trainings, samples, streams }: StudioParts): void {
  app.get('/api/runs', () => runs.list());

  app.get('/api/runs/:run', (request) => runs.detail(address(request).run));

  app.get('/api/runs/:run/samples/:file', (request, reply) => {
    const { run, file } = address(request);
    const { stream } = readInsideRuns(runs.folder, run, 'samples', file);
    return reply.type('image/png').header('Cache-Control', 'no-cache').send(stream);
  });

  app.get('/api/runs/:run/checkpoints/:file', (request, reply) => {
    const { run, file } = address(request);
    if (!file.endsWith('.safetensors')) {
      throw new RequestError(404, `${checkName(file)} is not a checkpoint file (.safetensors).`);
    }
    const { stream, size } = readInsideRuns(runs.folder, run, file);
    return reply
      .type('application/octet-stream')
      .header('Content-Length', size)
      .header('Content-Disposition', `attachment; filename="${run}-${file}"`)
      .send(stream);
  });

  app.get('/api/events', async (request, reply) => {
    const { runs: wanted = '' } = request.query as { runs?: string };
    const names = wanted === '' ? [] : wanted.split(',').slice(0, FOLLOWED_AT_MOST).map(checkName);
    // A hijacked request can no longer be refused.
    streams.makeSureOfRoom();
    reply.hijack();
    reply.raw.setHeaders(new Map(Object.entries(reply.getHeaders()) as [string, string][]));
    const lastEventId = request.headers['last-event-id'];
    await streams.serve(reply.raw, names, typeof lastEventId === 'string' ? lastEventId : undefined);
  });

  app.post('/api/runs', (request, reply) => {
    const { name, preset, config } = parseConfig(startRequest, request.body, 'request');
    const folder = join(runs.folder, checkName(name));
    if (existsSync(folder)) throw new RequestError(409, `A run named ${name} already exists. Choose another name.`);
    // Refuses a preset that is none.
    trainConfigFor(ANY_IMAGES, preset as TrainPreset, config);
    trainings.start(name, folder, preset, config);
    return reply.code(201).send({ name });
  });

  app.post('/api/runs/:run/resume', (request) => {
    const { run } = address(request);
    const { steps } = parseConfig(resumeRequest, request.body ?? {}, 'request');
    const folder = insideRuns(runs.folder, run);
    const { config, step } = runs.detail(run);
    const saved = resolveTrainConfig('paper', config);
    checkSameRun({ config: saved, step }, continuedTrainConfig(saved, { steps }));
    trainings.resume(run, folder, steps);
    return { name: run };
  });

  app.post('/api/runs/:run/stop', (request) => {
    trainings.stop(address(request).run);
    return {};
  });

  app.post('/api/runs/:run/samples', async (request, reply) => {
    const { run } = address(request);
    const wanted = parseConfig(sampleRequest, request.body, 'request');
    const checkpoint = insideRuns(runs.folder, run, wanted.checkpoint);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      gone.abort();
    });
    return reply.type('image/png').send(await samples.sample(checkpoint, wanted, gone.signal));
  });
}
