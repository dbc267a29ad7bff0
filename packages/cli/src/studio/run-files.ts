import { createReadStream, fstatSync, openSync, readdirSync, realpathSync, statSync, type ReadStream } from 'node:fs';
import { join, sep } from 'node:path';
import { RequestError } from './errors.js';

/** What a run and a file in it may be called: no separator, no leading dot. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** @throws RequestError (400) for a name that could lead out of the folder */
export function checkName(name: string): string {
  if (!NAME.test(name)) {
    throw new RequestError(
      400,
      `${JSON.stringify(name)} is not a valid run name. Use up to 100 letters, digits, dots, dashes and underscores, starting with a letter or digit.`,
    );
  }
  return name;
}

/**
 * The real path of something that exists inside the runs folder.
 *
 * @param parts names, each without a separator
 * @throws RequestError: 400 for a name that could lead out of the folder; 404 where nothing is there, or a link leads out
 */
export function insideRuns(runsFolder: string, ...parts: readonly string[]): string {
  for (const part of parts) checkName(part);
  try {
    const root = realpathSync.native(runsFolder);
    const path = realpathSync.native(join(root, ...parts));
    if (path.startsWith(root + sep)) return path;
  } catch {
    // Nothing is there.
  }
  // Made only here: an error's stack costs more than the look.
  throw new RequestError(404, `There is no ${parts.join('/')} in the runs folder.`);
}

/**
 * The bytes of a file inside the runs folder, as they are now: it may be replaced or removed while they are sent.
 *
 * @throws RequestError as `insideRuns`, and 404 for what is no file
 */
export function readInsideRuns(
  runsFolder: string,
  ...parts: readonly string[]
): { readonly stream: ReadStream; readonly size: number } {
  const path = insideRuns(runsFolder, ...parts);
  // Opening a pipe would wait for ever.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
    try {
      const file = openSync(path, 'r');
      return { stream: createReadStream(path, { fd: file }), size: fstatSync(file).size };
    } catch {
      // Removed since, or not readable.
    }
  }
  throw new RequestError(404, `There is no file ${parts.join('/')} in the runs folder.`);
}

/** The names in a folder that this server would serve, sorted; none where there is no such folder. */
export function namesIn(folder: string, suffix = ''): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.filter((name) => NAME.test(name) && name.endsWith(suffix)).sort();
}

/** When a file last changed, milliseconds since 1970; 0 where there is none. */
export function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
