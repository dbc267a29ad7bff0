import { DisposedError } from '../utils/errors.js';
import type { HostTensor, Program, ProgramSource, Runtime } from './types.js';

/** Programs kept of one network. Each has a copy of the weights; a page that draws 1 to 10 images of a class needs eight. */
export const PROGRAMS_KEPT = 8;

interface Kept {
  readonly program: Promise<Program>;
  /** Runs under way. */
  runs: number;
}

/**
 * The programs of one network, one for each batch size, compiled when it is first asked for: a fixed batch with the weights as constants
 * is what ONNX Runtime runs fastest. The `PROGRAMS_KEPT` that were used last are kept, until `dispose`, after which there are none.
 */
export class BatchPrograms {
  readonly #runtime: Runtime;
  readonly #sourceOf: (batch: number) => ProgramSource;
  readonly #owner: string;
  /** The one that was used last is the last. */
  readonly #programs = new Map<number, Kept>();
  #disposed = false;

  /** @param owner what is disposed of with the programs, for the error: `the classifier` */
  constructor(runtime: Runtime, owner: string, sourceOf: (batch: number) => ProgramSource) {
    this.#runtime = runtime;
    this.#owner = owner;
    this.#sourceOf = sourceOf;
  }

  /** @throws DisposedError after `dispose` */
  refuseIfDisposed(): void {
    if (this.#disposed) throw DisposedError.of(this.#owner, 'load it again');
  }

  /** Runs the program of a batch size. @throws DisposedError after `dispose`, and as `Runtime.compile` and `Program.run` */
  async run(batch: number, feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>> {
    this.refuseIfDisposed();
    const kept = this.#programs.get(batch) ?? { program: this.#compile(batch), runs: 0 };
    this.#programs.delete(batch);
    this.#programs.set(batch, kept);
    kept.runs++;
    try {
      return await (await kept.program).run(feeds);
    } finally {
      kept.runs--;
    }
  }

  async #compile(batch: number): Promise<Program> {
    try {
      await this.#makeRoom();
      return await this.#runtime.compile(this.#sourceOf(batch));
    } catch (error) {
      // A failure is told to whoever asked for the program; it must not stay behind for the next one or for dispose.
      this.#programs.delete(batch);
      throw error;
    }
  }

  /** Frees programs that were not used for longest, before another one takes memory. */
  async #makeRoom(): Promise<void> {
    const idle = [...this.#programs].filter(([, { runs }]) => runs === 0);
    const tooMany = idle.slice(0, Math.max(0, this.#programs.size - PROGRAMS_KEPT + 1));
    for (const [batch] of tooMany) this.#programs.delete(batch);
    await free(tooMany.map(([, { program }]) => program));
  }

  /** Frees every compiled program. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const programs = [...this.#programs.values()];
    this.#programs.clear();
    await free(programs.map(({ program }) => program));
  }
}

/** One that could not be compiled was told to whoever asked for it. */
async function free(programs: readonly Promise<Program>[]): Promise<void> {
  await Promise.all(
    programs.map((program) =>
      program.then(
        (compiled) => compiled.dispose(),
        () => undefined,
      ),
    ),
  );
}
