/** Prints a line for the user; standard output stays free for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
