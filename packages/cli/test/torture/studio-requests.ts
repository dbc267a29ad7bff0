import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunSummary } from '../../src/studio/api.js';
import type { RandomStream } from '../../../ts-diffusion/src/utils/random.js';

/** A client of the server, with its own connections. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });

  constructor(
    readonly port: number,
    readonly random: RandomStream,
  ) {}

  async send(method: string, path: string, body?: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const response = await this.begin(method, path, body, headers);
    return { status: response.statusCode ?? 0, body: await buffer(response) };
  }

  /** Sends a request; the caller reads the answer, or goes away. */
  begin(method: string, path: string, body?: string, headers: OutgoingHttpHeaders = {}): Promise<IncomingMessage> {
    const { port } = this;
    const all = body === undefined ? headers : { 'Content-Type': 'application/json', ...headers };
    return new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', method, path, headers: all, agent: this.#agent }, resolve)
        .on('error', reject)
        .end(body);
    });
  }

  /** Sends bytes, waits a moment and goes away. @returns what came back until then */
  async sendRaw(text: string, milliseconds: number): Promise<string> {
    const socket = connect({ port: this.port, host: '127.0.0.1' });
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(text);
    await delay(milliseconds);
    socket.destroy();
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** One thing that a client does. */
export interface Action {
  /** How often it is done, relative to the others. */
  readonly weight: number;
  /** Whether no page would do it. */
  readonly isFault?: true;
  /** The statuses that may be answered; 0: the connection was closed without an answer. */
  readonly allowed: readonly number[];
  readonly act: (client: Client) => Promise<number>;
}

/** A run that is there from the beginning and is not trained. */
export const STEADY = 'steady';

const training = {
  ...{ channels: [4, 8], patchSize: 2, timesteps: 4, batchSize: 4, threads: 1, offline: true },
  ...{ logEvery: 2, checkpointEvery: 3, sampleEvery: 4, samplesPerClass: 1 },
};
const samples = { checkpoint: 'checkpoint.safetensors', weights: 'ema', labels: [1], seed: 0, samplingSteps: 2 };

let started = 0;

async function statusOf(client: Client, method: string, path: string, body?: unknown): Promise<number> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return (await client.send(method, path, text)).status;
}

/** A start request with these changes. */
const start = (client: Client, changes: object = {}, config: object = {}): Promise<number> =>
  statusOf(client, 'POST', '/api/runs', {
    name: `run-${++started}`,
    preset: 'paper',
    config: { ...training, ...config },
    ...changes,
  });

/** The name of any of the runs. @param others not the steady one, if there are others; undefined where there are none */
async function anyRun(client: Client, others: boolean): Promise<string | undefined> {
  const { body } = await client.send('GET', '/api/runs');
  const runs = (JSON.parse(body.toString()) as RunSummary[]).filter(({ name }) => !others || name !== STEADY);
  return runs.length === 0 ? undefined : runs[client.random.integer(runs.length)]?.name;
}

/** Asks something of a run that was started here, or of one that never was where there is none. */
const ofTraining = async (client: Client, what: 'stop' | 'resume'): Promise<number> =>
  statusOf(client, 'POST', `/api/runs/${(await anyRun(client, true)) ?? 'none'}/${what}`, {});

async function refused(request: Promise<number>): Promise<number> {
  try {
    return await request;
  } catch {
    return 0; // the server closed the connection on a body that it does not take
  }
}

/** What the clients do; how long the list of runs takes is measured. */
export const actions = {
  'list of runs': { weight: 30, allowed: [200], act: (client) => statusOf(client, 'GET', '/api/runs') },
  'one run': {
    weight: 10,
    allowed: [200],
    act: async (client) => statusOf(client, 'GET', `/api/runs/${(await anyRun(client, false)) ?? STEADY}`),
  },
  page: { weight: 4, allowed: [200], act: (client) => statusOf(client, 'GET', '/') },
  grid: {
    weight: 6,
    allowed: [200],
    act: (client) => statusOf(client, 'GET', `/api/runs/${STEADY}/samples/step-000002.png`),
  },
  checkpoint: {
    weight: 4,
    allowed: [200],
    act: (client) => statusOf(client, 'GET', `/api/runs/${STEADY}/checkpoints/checkpoint.safetensors`),
  },
  'short training': {
    weight: 2,
    allowed: [201, 429],
    act: (client) => start(client, {}, { steps: 4 + client.random.integer(12) }),
  },
  'endless training': { weight: 1, allowed: [201, 429], act: (client) => start(client, {}, { steps: 1_000_000 }) },
  stop: {
    weight: 4,
    allowed: [200, 409],
    act: (client) => ofTraining(client, 'stop'),
  },
  resume: {
    weight: 2,
    // 404: there is none yet; 409: it is trained.
    allowed: [200, 404, 409, 429],
    act: (client) => ofTraining(client, 'resume'),
  },
  images: {
    weight: 0.3,
    allowed: [200, 429],
    act: (client) => statusOf(client, 'POST', `/api/runs/${STEADY}/samples`, samples),
  },
  'images that nobody waits for': {
    weight: 0.3,
    isFault: true,
    allowed: [0],
    act: async (client) => {
      const body = JSON.stringify(samples);
      const head = `POST /api/runs/${STEADY}/samples HTTP/1.1\r\nHost: localhost:${client.port}\r\n`;
      const type = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      await client.sendRaw(head + type + body, client.random.integer(300));
      return 0;
    },
  },
  'checkpoint that is not read to its end': {
    weight: 2,
    isFault: true,
    allowed: [200],
    act: async (client) => {
      const response = await client.begin('GET', `/api/runs/${STEADY}/checkpoints/checkpoint.safetensors`);
      response.destroy();
      return response.statusCode ?? 0;
    },
  },
  'start under a name that is taken': {
    weight: 2,
    isFault: true,
    allowed: [409],
    act: (client) => start(client, { name: STEADY }),
  },
  'start under a name that leads out': {
    weight: 1,
    isFault: true,
    allowed: [400],
    act: (client) => start(client, { name: '../out' }),
  },
  'start with a wrong configuration': {
    weight: 2,
    isFault: true,
    allowed: [400],
    act: (client) => start(client, {}, [{ steps: -1 }, { data: '/etc' }, { channels: 'x' }][client.random.integer(3)]),
  },
  'broken JSON': {
    weight: 2,
    isFault: true,
    allowed: [400],
    act: (client) => statusOf(client, 'POST', '/api/runs', '{"name":'.slice(0, 1 + client.random.integer(8))),
  },
  'JSON that is no request': {
    weight: 2,
    isFault: true,
    allowed: [400],
    act: (client) => statusOf(client, 'POST', '/api/runs', ['null', '[]', '7', '"x"', '{}'][client.random.integer(5)]),
  },
  'deep JSON': {
    weight: 2,
    isFault: true,
    allowed: [400],
    act: (client) => statusOf(client, 'POST', '/api/runs', '['.repeat(30_000) + ']'.repeat(30_000)),
  },
  'large body': {
    weight: 2,
    isFault: true,
    allowed: [0, 413],
    act: (client) => refused(start(client, { name: 'x'.repeat(5_000_000) })),
  },
  'another kind of body': {
    weight: 1,
    isFault: true,
    allowed: [415],
    act: async (client) =>
      (await client.send('POST', '/api/runs', 'name=x', { 'Content-Type': 'application/x-www-form-urlencoded' }))
        .status,
  },
  "another site's request": {
    weight: 1,
    isFault: true,
    allowed: [403],
    act: async (client) => (await client.send('GET', '/api/runs', undefined, { Origin: 'http://evil.example' })).status,
  },
  'address that leads nowhere': {
    weight: 2,
    isFault: true,
    allowed: [400, 404],
    act: (client) =>
      statusOf(
        client,
        'GET',
        ['/api/runs/..%2f..', '/%', `/api/runs/${STEADY}/samples/folder.png`, '/api/x'][client.random.integer(4)] ??
          '/',
      ),
  },
  'half a request': {
    weight: 3,
    isFault: true,
    allowed: [0],
    act: async (client) => {
      const whole = `POST /api/runs HTTP/1.1\r\nHost: localhost:${client.port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"name":"half`;
      await client.sendRaw(whole.slice(0, 1 + client.random.integer(whole.length)), client.random.integer(500));
      return 0;
    },
  },
  'bytes that are no HTTP': {
    weight: 1,
    isFault: true,
    allowed: [0, 400],
    act: async (client) => {
      const noise = String.fromCharCode(...Array.from({ length: 200 }, () => client.random.integer(256)));
      const answer = await client.sendRaw(noise, 50);
      return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
    },
  },
} as const satisfies Readonly<Record<string, Action>>;

export type ActionName = keyof typeof actions;
