import type { Readable } from 'node:stream';

const KEPT_CHARACTERS = 4000;

/** Keeps the end of a child's stderr. @returns what the command line said went wrong: what follows its `error: ` */
export function watchErrors(stderr: Readable): () => string | undefined {
  let output = '';
  stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_CHARACTERS)));
  return () => /^error: ([^]*)$/m.exec(output)?.[1]?.trim();
}
