import { basename, dirname } from 'node:path';

const HUB = 'hf:';

/**
 * A text about the source of images without folders of this machine: of a path only the last name is left. Names of the Hub stay.
 *
 * @param known the path that the images were given by, where one was: it may hold spaces
 */
export function withoutPaths(text: string, known?: string): string {
  if (known?.startsWith(HUB) === true) return text.includes(known) ? known : text;
  const shown = known === undefined ? text : text.replaceAll(known, basename(known) || 'a folder');
  // Data sets of a known name tell in which folder they lie, which may hold spaces too.
  const named = shown.replace(/ in (?:[A-Za-z]:)?[^\s]*[\\/].*$/u, '');
  return named.replaceAll(/(?:\S*[\\/])+(\S*)/gu, (path, last: string) => last || basename(dirname(`${path}x`)));
}
