import { UserError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';
import type { MutatedReader } from './readers.js';

/** What a reader made of its mutants. */
export interface MutationResult {
  readonly reader: string;
  readonly mutants: number;
  /** Mutants that are still files of the format. */
  readonly read: number;
  /** Mutants that were refused by a `UserError`. */
  readonly refused: number;
  /** Longest time for one mutant, of the processor, in milliseconds; what is loaded once, for the first, is not counted. */
  readonly slowest: number;
  /** Errors that are no `UserError` or take more than one line, with the number of the mutant. */
  readonly failures: readonly string[];
}

/** A message for a person at the keyboard: not of several screens. */
const LONGEST_MESSAGE = 2000;

/** Mutant i of a seed is the same in every run. */
export function makeMutant(reader: MutatedReader, seed: number, index: number): Uint8Array {
  return reader.mutant(new RandomStream(seed, index));
}

/** Lets a reader read mutants `first` to `first + count` of a seed. */
export async function runMutants(
  reader: MutatedReader,
  { seed, first = 0, count }: { readonly seed: number; readonly first?: number; readonly count: number },
): Promise<MutationResult> {
  await outcome(reader, makeMutant(reader, seed, first));
  let [read, refused, slowest] = [0, 0, 0];
  const failures: string[] = [];
  for (let index = first; index < first + count; index++) {
    const file = makeMutant(reader, seed, index);
    const begin = process.cpuUsage();
    const error = await outcome(reader, file);
    const { user, system } = process.cpuUsage(begin);
    slowest = Math.max(slowest, (user + system) / 1000);
    if (error === null) {
      read++;
      continue;
    }
    refused++;
    const { name, message } = error;
    const isUgly = !(error instanceof UserError) || message.length > LONGEST_MESSAGE || message.trim() === '';
    if (isUgly) failures.push(`mutant ${index} of seed ${seed}: ${name}: ${message.slice(0, 200)}`);
  }
  return { reader: reader.name, mutants: count, read, refused, slowest, failures };
}

/** Null where the file was read. */
async function outcome(reader: MutatedReader, file: Uint8Array): Promise<Error | null> {
  try {
    await reader.read(file);
    return null;
  } catch (error) {
    return error as Error;
  }
}
