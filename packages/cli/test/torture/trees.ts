import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readEvents } from '../../../ts-diffusion/test/formats/read-events.js';
import type { Tree } from './crash-states.js';

/** What is below a folder. */
export function readTree(folder: string): Tree {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path), entry.isDirectory() ? null : new Uint8Array(readFileSync(path))];
    }),
  );
}

/** Makes a folder hold this and nothing else. */
export function writeTree(folder: string, tree: Tree): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of [...tree].sort(([a], [b]) => a.length - b.length)) {
    if (bytes === null) mkdirSync(join(folder, path), { recursive: true });
  }
  for (const [path, bytes] of tree) if (bytes !== null) writeFileSync(join(folder, path), bytes);
}

/** The tree with what TensorBoard shows of its event files in their place: each start of a run writes one of its own. */
export function withEventsSeen(tree: Tree): Tree {
  const isEvents = (path: string): boolean => path.includes('tfevents');
  const files = [...tree].filter(([path]) => isEvents(path)).sort(([a], [b]) => (a < b ? -1 : 1));
  const seen = readEvents(files.flatMap(([, bytes]) => (bytes === null ? [] : [bytes])));
  return new Map([
    ...[...tree].filter(([path]) => !isEvents(path)),
    ['events', new TextEncoder().encode(JSON.stringify(sorted(seen)))],
  ]);
}

/** Tags in the order of their names. */
function sorted(seen: object): object {
  return Object.entries(seen).map(([kind, tags]) => [
    kind,
    Object.entries(tags as object).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** The same for equal trees alone. */
export function digestOf(tree: Tree): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path} ${bytes?.length ?? 'folder'}\n`);
    if (bytes !== null) hash.update(bytes);
  }
  return hash.digest('hex');
}

/** In what two trees differ, in words; empty where they are the same to the bit. */
export function differences(actual: Tree, expected: Tree): string[] {
  const paths = [...new Set([...actual.keys(), ...expected.keys()])].sort();
  return paths.flatMap((path) => {
    const [found, wanted] = [actual.get(path), expected.get(path)];
    if (found === undefined) return [`${path} is missing`];
    if (wanted === undefined) return [`${path} should not be there`];
    if (found === null || wanted === null) return found === wanted ? [] : [`${path} is of another kind`];
    return Buffer.from(found).equals(wanted) ? [] : [`${path} differs`];
  });
}
