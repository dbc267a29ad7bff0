import type { Program, ProgramSource, Runtime } from './types.js';

/**
 * The programs of one network, one for each batch size, compiled when it is first asked for and kept until `dispose`: a
 * fixed batch with the weights as constants is what ONNX Runtime runs fastest.
 */
export class BatchPrograms {
  readonly #runtime: Runtime;
  readonly #sourceOf: (batch: number) => ProgramSource;
  readonly #programs = new Map<number, Promise<Program>>();

  constructor(runtime: Runtime, sourceOf: (batch: number) => ProgramSource) {
    this.#runtime = runtime;
    this.#sourceOf = sourceOf;
  }

  of(batch: number): Promise<Program> {
    let program = this.#programs.get(batch);
    if (program === undefined) {
      program = this.#runtime.compile(this.#sourceOf(batch));
      this.#programs.set(batch, program);
      // A failure is told to whoever asked for the program; it must not stay behind for the next one or for dispose.
      program.catch(() => this.#programs.delete(batch));
    }
    return program;
  }

  /** Frees every compiled program. A later request compiles anew. */
  async dispose(): Promise<void> {
    const programs = [...this.#programs.values()];
    this.#programs.clear();
    await Promise.all(programs.map(async (program) => (await program).dispose()));
  }
}
