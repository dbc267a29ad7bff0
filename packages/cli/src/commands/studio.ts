import type { Command } from 'commander';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integer } from '../options/arguments.js';
import { print } from '../output/say.js';

const examples = `
Examples:
  $ diffusion studio                        serve the page with the runs in runs/
  $ diffusion studio --runs other --port 0  another folder, any free port

Only this computer can open the page, unless --host gives another address.`;

interface StudioFlags {
  readonly runs: string;
  readonly port: number;
  readonly host: string;
}

/** Adds the options and action of `diffusion studio`. */
export function configureStudio(command: Command): void {
  command
    .option('-r, --runs <folder>', 'folder of the runs to show', 'runs')
    .option('-p, --port <n>', 'port; 0: any free port', integer(0, 65_535), 4816)
    .option('--host <address>', 'address to listen on; anyone who can reach it can start training runs', '127.0.0.1')
    .addHelpText('after', examples)
    .action(studio);
}

async function studio({ runs, port, host }: StudioFlags): Promise<void> {
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
  const app = createStudio({
    runsFolder: runs,
    webFolder,
    cli: fileURLToPath(new URL('../main.js', import.meta.url)),
    host,
  });
  try {
    const address = await app.listen({ port, host });
    print(`Studio: ${address.replace('127.0.0.1', 'localhost')}   (runs in ${runs}; Ctrl-C stops the server)`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError(`Port ${port} is in use. Choose another one: diffusion studio --port 0`);
  }
  stopOnSignal('Stopping; training runs write a checkpoint first.').addEventListener('abort', () => {
    app.close().catch((error: unknown) => {
      process.exitCode = reportError(error);
    });
  });
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
