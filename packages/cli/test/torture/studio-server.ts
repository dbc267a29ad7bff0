import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath } from '../commands/run-cli.js';

/** What a process holds. */
export interface Holdings {
  /** Open files, sockets among them. */
  readonly descriptors: number;
  readonly sockets: number;
  readonly children: number;
  /** Entries of its temporary folder. */
  readonly temporary: number;
}

/** Whether the operating system tells what a process holds. */
export const canObserve = existsSync('/proc/self/fd');

/** `diffusion studio` as a process of its own, with a temporary folder of its own. */
export class StudioServer {
  readonly runs: string;
  readonly #temporary: string;
  readonly #child: ChildProcess;
  #output = '';
  #errors = '';
  port = 0;

  private constructor(folder: string) {
    this.runs = join(folder, 'runs');
    this.#temporary = join(folder, 'temporary');
    mkdirSync(this.#temporary, { recursive: true });
    this.#child = spawn(process.execPath, [cliPath, 'studio', '--runs', this.runs, '--port', '0'], {
      cwd: folder,
      env: { ...process.env, TMPDIR: this.#temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  /** Starts it over the runs in `folder`/runs and waits until it listens. */
  static async start(folder: string): Promise<StudioServer> {
    const server = new StudioServer(folder);
    while (server.port === 0) {
      await once(server.#child.stdout as NodeJS.ReadableStream, 'data');
      server.port = Number(/localhost:(\d+)/.exec(server.#output)?.[1] ?? 0);
    }
    return server;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote to standard error: nothing, unless something is wrong. */
  get errors(): string {
    return this.#errors;
  }

  /** Resident memory, bytes. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return 1024 * Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]);
  }

  holdings(): Holdings {
    const { pid } = this.#child;
    const links = readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${name}`)];
      } catch {
        return []; // closed since it was listed
      }
    });
    return {
      descriptors: links.length,
      sockets: links.filter((link) => link.startsWith('socket:')).length,
      children: readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').length - 1,
      temporary: readdirSync(this.#temporary).length,
    };
  }

  /** Asks it to end, as Ctrl-C does. @returns its exit code, or the signal that ended it */
  async stop(): Promise<number | string | null> {
    if (this.isAlive) {
      this.#child.kill('SIGINT');
      await once(this.#child, 'close');
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Ends it where nothing else is of interest any more. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
