import type { FromWorker, ToWorker } from './messages.js';

/** What of a child process of Node the library needs: `fork(file, { serialization: 'advanced' })` gives it. */
export interface ForkedProcess {
  send(message: object, callback?: (error: Error | null) => void): boolean;
  kill(signal?: 'SIGKILL'): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
  ref(): void;
  unref(): void;
  readonly channel?: { ref(): void; unref(): void } | null | undefined;
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
  onMessage(message: FromWorker): void;
  /** It ended by itself. @param reason how, as far as that is known */
  onEnd(reason: string): void;
}

/** The worker's own end. */
export interface WorkerPort {
  post(message: FromWorker, transfer?: readonly Transferable[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}
