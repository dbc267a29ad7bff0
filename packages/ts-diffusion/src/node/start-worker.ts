import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ForkedProcess, WorkerConnection, WorkerHandle, WorkerListener } from '../worker/connection.js';
import type { FromWorker } from '../worker/messages.js';

/** Starts the library's child process, or listens to the one that `create` starts. */
export function startWorker(
  { onMessage, onEnd }: WorkerListener,
  create: () => WorkerHandle = packagedWorker,
): WorkerConnection {
  const child = create() as ForkedProcess;
  child.on('message', (message) => {
    onMessage(message as FromWorker);
  });
  child.on('error', ({ message }) => {
    onEnd(message);
  });
  child.on('exit', (code, signal) => {
    onEnd(signal === null ? `exit code ${code ?? 'unknown'}` : signal);
  });
  return {
    post: (message) => {
      // A child that has just ended says so by its exit.
      child.send(message, () => undefined);
    },
    keepAlive: (wanted) => {
      for (const handle of [child, child.channel]) handle?.[wanted ? 'ref' : 'unref']();
    },
    terminate: () => {
      child.kill('SIGKILL');
    },
  };
}

function packagedWorker(): ForkedProcess {
  return fork(fileURLToPath(new URL('./worker-thread.js', import.meta.url)), {
    serialization: 'advanced',
    // Not this process's: options such as --eval and --inspect are not the child's.
    execArgv: [],
  });
}
