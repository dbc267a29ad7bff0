import type { Command } from 'commander';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integer } from '../options/arguments.js';
import { DEFAULT_TAG, openQueue, queueOption, tags } from '../options/queue-option.js';
import { print, say } from '../output/say.js';

const examples = `
Examples:
  $ diffusion studio                        serve the page with the runs in runs/
  $ diffusion studio --runs other --port 0  another folder, any free port
  $ diffusion studio --queue redis://server with a page of the jobs of sweeps, at /queue

Only this computer can open the page, unless --host gives another address.`;

interface StudioFlags {
  readonly runs: string;
  readonly port: number;
  readonly host: string;
  readonly queue?: string;
  readonly tags: readonly string[];
}

/** Adds the options and action of `diffusion studio`. */
export function configureStudio(command: Command): void {
  command
    .option('-r, --runs <folder>', 'folder of the runs to show', 'runs')
    .option('-p, --port <n>', 'port; 0: any free port', integer(0, 65_535), 4816)
    .option('--host <address>', 'address to listen on; anyone who can reach it can start training runs', '127.0.0.1')
    .addOption(queueOption('redis://, rediss:// or postgres:// URL of a queue of sweeps, shown at /queue'))
    .option('--tags <tags>', 'with --queue: kinds of jobs to show, with commas between them', tags, [DEFAULT_TAG])
    .addHelpText('after', examples)
    .action(studio);
}

async function studio({ runs, port, host, queue, tags: shown }: StudioFlags): Promise<void> {
  const { reportError } = await import('../output/report-error.js');
  const { createStudio } = await import('../studio/server.js');
  const { stopOnSignal } = await import('../stop-signal.js');
  const { ConfigError } = await import('ts-diffusion/errors');
  const { checkOutputFolder } = await import('ts-diffusion/node');
  // A folder that is there may be read-only: its runs can be looked at all the same.
  if (!isFolder(runs)) checkOutputFolder(runs, { what: 'runs' });
  const webFolder = fileURLToPath(new URL('../studio-page', import.meta.url));
  if (!existsSync(join(webFolder, 'index.html'))) {
    throw new ConfigError(`The page is not built (${webFolder} is missing). Run npm run build:studio.`);
  }
  const queues = queue === undefined || queue === '' ? [] : await openQueues(queue, shown);
  const app = createStudio({
    queues,
    runsFolder: runs,
    webFolder,
    cli: fileURLToPath(new URL('../main.js', import.meta.url)),
    host,
  });
  try {
    const address = await app.listen({ port, host });
    print(`Studio: ${address.replace('127.0.0.1', 'localhost')}   (runs in ${runs}; Ctrl-C stops the server)`);
    if (queues.length > 0) print(`Queue: ${address.replace('127.0.0.1', 'localhost')}/queue/`);
  } catch (error) {
    // Connections to a queue would keep this process.
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError(`Port ${port} is in use. Choose another one: diffusion studio --port 0`);
  }
  stopOnSignal('Stopping; training runs write a checkpoint first.').addEventListener('abort', () => {
    app.close().catch((error: unknown) => {
      process.exitCode = reportError(error);
    });
  });
}

async function openQueues(url: string, shown: readonly string[]) {
  const { queueName } = await import('../queue/job.js');
  const { TroubleLines } = await import('../queue/trouble-lines.js');
  const { packageVersion } = await import('../version.js');
  const server = await openQueue(url);
  const troubles = new TroubleLines(say);
  return shown.map((each) =>
    server.queue(queueName(each, packageVersion()), (error) => {
      troubles.tell(error);
    }),
  );
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
