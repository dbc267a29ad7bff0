import { DisposedError } from '../utils/errors.js';
import type { Program, ProgramSource, Runtime } from './types.js';

/**
 * The programs of one network, one for each batch size, compiled when it is first asked for and kept until `dispose`, after which
 * there are none: a fixed batch with the weights as constants is what ONNX Runtime runs fastest.
 */
export class BatchPrograms {
  readonly #runtime: Runtime;
  readonly #sourceOf: (batch: number) => ProgramSource;
  readonly #owner: string;
  readonly #programs = new Map<number, Promise<Program>>();
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

  /** @throws DisposedError after `dispose` */
  async of(batch: number): Promise<Program> {
    this.refuseIfDisposed();
    let program = this.#programs.get(batch);
    if (program === undefined) {
      program = this.#runtime.compile(this.#sourceOf(batch));
      this.#programs.set(batch, program);
      // A failure is told to whoever asked for the program; it must not stay behind for the next one or for dispose.
      program.catch(() => this.#programs.delete(batch));
    }
    return await program;
  }

  /** Frees every compiled program. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const programs = [...this.#programs.values()];
    this.#programs.clear();
    // One that could not be compiled was told to whoever asked for it.
    await Promise.all(
      programs.map((program) =>
        program.then(
          (compiled) => compiled.dispose(),
          () => undefined,
        ),
      ),
    );
  }
}
