import { nextTurn } from '../utils/next-turn.js';
import type { Runtime } from './types.js';

/**
 * A runtime whose programs let the event loop have a turn before every run: messages that have arrived, such as that a task is no
 * longer wanted, are heard between two evaluations of a network.
 */
export function breathing(runtime: Runtime): Runtime {
  return {
    ...runtime,
    compile: async (source) => {
      const program = await runtime.compile(source);
      return {
        run: async (feeds) => {
          await nextTurn();
          return await program.run(feeds);
        },
        readState: (input) => program.readState(input),
        writeState: (input, data) => {
          program.writeState(input, data);
        },
        dispose: () => program.dispose(),
      };
    },
  };
}
