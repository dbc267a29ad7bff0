import { Redis } from 'ioredis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { queueName } from '../packages/cli/src/queue/job.js';
import { queueAddress } from '../packages/cli/src/queue/queue-address.js';
import { QueueServer } from '../packages/cli/src/queue/queue-server.js';
import { packageVersion } from '../packages/cli/src/version.js';
import { startRedis } from '../packages/cli/test/queue/test-servers.js';
import { measureMemory, measureSaturation } from './queue/load.js';
import { measureOverhead } from './queue/overhead.js';
import { measureThroughput } from './queue/throughput.js';
import { someOf, wholeNumber } from './support/options.js';
import { heading } from './support/report.js';

const parts = ['throughput', 'overhead', 'memory', 'saturation'] as const;

/** The speeds of docs/results/scale.md: sweeps over a queue at a Redis of this machine, which is started for it. */
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: parts.join() },
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '10000' },
    steps: { type: 'string', default: '300' },
    workers: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: '100000' },
  },
});
const only = someOf('only', options.only, parts);
const rounds = wholeNumber('rounds', options.rounds);
const [images, steps, workers, jobs] = [
  wholeNumber('images', options.images),
  wholeNumber('steps', options.steps),
  wholeNumber('workers', options.workers, 4),
  wholeNumber('jobs', options.jobs),
];

heading('Queues', `npx tsx bench/queue.ts ${process.argv.slice(2).join(' ')}`);
const root = mkdtempSync(join(tmpdir(), 'bench-queue-'));
const server = await startRedis();
const redis = new Redis(server.url);
const queues = await QueueServer.open(queueAddress(server.url));
const queue = queues.queue(queueName('cpu', packageVersion()), (error) => {
  throw error;
});
try {
  if (only.includes('throughput')) await measureThroughput(root, server, { images, steps, rounds });
  if (only.includes('overhead')) await measureOverhead(root, server, 3 * rounds);
  if (only.includes('memory')) await measureMemory(queue, redis, jobs);
  if (only.includes('saturation')) {
    await measureSaturation(server.url, queue, redis, { workers, jobs: 20 * workers, seconds: 20 });
  }
} finally {
  await queue.close();
  redis.disconnect();
  await server.stop();
  rmSync(root, { recursive: true, force: true });
}
