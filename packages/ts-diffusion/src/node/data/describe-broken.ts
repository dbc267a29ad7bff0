/** How many files a message names. */
const NAMED = 5;

/** The first few, and how many more there are. */
export function firstOf(items: readonly string[]): string {
  const more = items.length - NAMED;
  return items.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * `3 of 60 pictures in X cannot be read: a.png (an empty file), ...`.
 *
 * @param broken the problem of each file, by name
 * @param count of all files
 */
export function describeBroken(folder: string, broken: ReadonlyMap<string, string>, count: number): string {
  const problems = [...broken].map(([name, problem]) => `${name} (${problem})`);
  return `${broken.size} of ${count} pictures in ${folder} cannot be read: ${firstOf(problems)}`;
}
