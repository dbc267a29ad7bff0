import { printable } from './printable.js';

/** Prints a line for the user; standard output stays free for results. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Prints a line of the result. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}
