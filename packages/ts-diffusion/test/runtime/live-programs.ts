import type { Runtime } from '../../src/runtime/types.js';

/** A runtime, and how many of the programs that it compiled are not disposed of. */
export interface CountedRuntime {
  readonly runtime: Runtime;
  readonly compiled: number;
  readonly alive: number;
}

/** Counts the programs of a runtime. */
export function countPrograms(actual: Runtime): CountedRuntime {
  let [compiled, disposed] = [0, 0];
  const runtime: Runtime = {
    ...actual,
    compile: async (source) => {
      compiled++;
      const program = await actual.compile(source);
      const dispose = async (): Promise<void> => {
        disposed++;
        await program.dispose();
      };
      return {
        run: (feeds) => program.run(feeds),
        readState: (input) => program.readState(input),
        writeState: (input, data) => {
          program.writeState(input, data);
        },
        dispose,
      };
    },
  };
  return {
    runtime,
    get compiled() {
      return compiled;
    },
    get alive() {
      return compiled - disposed;
    },
  };
}
