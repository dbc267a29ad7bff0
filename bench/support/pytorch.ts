import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The PyTorch peer (bench/peer/pytorch_peer.py) as a process that measures on request. */
export class PyTorchPeer {
  private readonly answers: ((line: string) => void)[] = [];

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface(child.stdout).on('line', (line) => this.answers.shift()?.(line));
  }

  /** Starts the peer; `null` where `python` has no torch. */
  static async start(python: string): Promise<{ peer: PyTorchPeer; description: string } | null> {
    const script = fileURLToPath(new URL('../peer/pytorch_peer.py', import.meta.url));
    const child = spawn(python, [script], { stdio: 'pipe' });
    child.stdin.on('error', () => undefined);
    const failed = new Promise<null>((resolve) => {
      child.on('error', () => {
        resolve(null);
      });
      child.on('exit', () => {
        resolve(null);
      });
    });
    const peer = new PyTorchPeer(child);
    const info = await Promise.race([peer.ask({ cmd: 'info' }), failed]);
    if (info === null) return null;
    return { peer, description: `PyTorch ${String(info['torch'])}, ${String(info['threads'])} threads` };
  }

  async ask(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const line = await new Promise<string>((resolve) => {
      this.answers.push(resolve);
      this.child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    const answer = JSON.parse(line) as Record<string, unknown>;
    if (typeof answer['error'] === 'string') throw new Error(`PyTorch peer: ${answer['error']}`);
    return answer;
  }

  /** Milliseconds of one iteration. */
  async milliseconds(request: Readonly<Record<string, unknown>>): Promise<number> {
    const { ms } = (await this.ask({ ...request, iterations: 1 })) as { ms: number[] };
    return ms[0] ?? NaN;
  }

  stop(): void {
    this.child.kill();
  }
}
