import { setTimeout as delay } from 'node:timers/promises';
import { queueAddress } from '../../packages/cli/src/queue/queue-address.js';
import { QueueServer } from '../../packages/cli/src/queue/queue-server.js';

/**
 * A process with many workers whose jobs compute nothing: they tell the server of progress, and look for a withdrawal, as often as real
 * ones do. Its arguments: URL, queue, number of workers, milliseconds of a job, milliseconds between two pulses.
 */
const [url = '', name = '', ...numbers] = process.argv.slice(2);
const [workers = 0, jobMs = 0, pulseMs = 0] = numbers.map(Number);

const server = await QueueServer.open(queueAddress(url));
const onTrouble = (error: Error): void => {
  process.stderr.write(`${error.message}\n`);
};
const queue = server.queue(name, onTrouble);
for (let i = 0; i < workers; i++) {
  server.worker(
    name,
    async (job) => {
      const end = performance.now() + jobMs;
      while (performance.now() < end) {
        await delay(Math.min(pulseMs, Math.max(0, end - performance.now())));
        await job.updateProgress({ share: 0.5, detail: 'loss 0.1234' });
        await queue.getJob(job.id ?? '');
      }
      return { type: 'done', worker: `simulated:${i}` };
    },
    { lockDuration: 30_000, stalledInterval: 30_000 },
    onTrouble,
  );
}
process.send?.('ready');
