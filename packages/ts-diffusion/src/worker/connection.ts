import type { FromWorker, ToWorker } from './messages.js';

/** What of a child process of Node the library needs: `fork(file, { serialization: 'advanced' })` gives it. */
export interface ForkedProcess {
  /** Sends a message; `callback` is told whether it has left. */
  send(message: object, callback?: (error: Error | null) => void): boolean;
  /** Ends the process. */
  kill(signal?: 'SIGKILL'): boolean;
  /** Told of every message. */
  on(event: 'message', listener: (message: unknown) => void): unknown;
  /** Told when the process cannot be started, reached or ended. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Told how the process ended. */
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
  /** Keeps Node from ending while the process runs. */
  ref(): void;
  /** Lets Node end while the process runs. */
  unref(): void;
  /** The channel of the messages, which keeps Node from ending too. */
  readonly channel?: Pick<ForkedProcess, 'ref' | 'unref'> | null | undefined;
}

/** A worker thread of a browser, or a child process of Node, that runs the package's `worker-thread` file. */
export type WorkerHandle = Worker | ForkedProcess;

/** The calling side's end of a worker that runs. */
export interface WorkerConnection {
  /** @param transfer buffers that change hands where the platform can do that; elsewhere they are copied */
  post(message: ToWorker, transfer?: readonly Transferable[]): void;
  /** While there is nothing to wait for, a child process does not keep Node from ending. */
  keepAlive(wanted: boolean): void;
  /** Ends it at once, whatever it is doing. */
  terminate(): void;
}

/** Who is told what happens to a worker. */
export interface WorkerListener {
  readonly onMessage: (message: FromWorker) => void;
  /** It ended by itself. @param reason how, as far as that is known */
  readonly onEnd: (reason: string) => void;
}

/** The worker's own end. */
export interface WorkerPort {
  post(message: FromWorker, transfer?: readonly Transferable[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}
