import { closeSync, lstatSync, openSync, rmSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, extname, join, sep } from 'node:path';
import { ConfigError, WriteError } from '../../utils/errors.js';
import { temporaryName, writeError } from './atomic-file.js';
import { listOf, options, signature, text } from '../../utils/arguments.js';

/** What an output file is, for the sentence that refuses it. */
export interface OutputFile {
  /** What is written, with its article: `a picture`. */
  readonly what: string;
  /** What its name may end in, the first of which is proposed. Default: anything. */
  readonly extensions?: readonly string[];
}

const checkOutputFileArguments = signature('checkOutputFile', {
  path: text,
  file: options({ what: text, extensions: listOf(text, 'an array of strings').optional() }),
});

/**
 * Makes sure, before the work, that a file can be written as `writeFileAtomic` will: its name is a file's with one of the
 * extensions, no folder has that name, and the nearest folder on the way that exists takes new files. Nothing is left behind.
 *
 * @throws ConfigError for a name that is no such file's, WriteError for one that cannot be written
 */
export function checkOutputFile(path: string, file: OutputFile): void {
  checkOutputFileArguments({ path, file });
  const { what, extensions = [] } = file;
  const inFolder = (folder: string): string => join(folder, `name${extensions[0] ?? ''}`);
  if (path === '') throw new ConfigError(`"" names no file; give a name such as ${inFolder('output')}.`);
  if (namesFolder(path) || isFolder(path)) {
    throw new ConfigError(`${path}: a folder, but ${what} is one file; give a file in it, such as ${inFolder(path)}.`);
  }
  if (extensions.length > 0 && !extensions.includes(extname(path).toLowerCase())) {
    throw new ConfigError(
      `${path}: ${what} is written as ${extensions.join(', ')}; give the file a name that ends in ` +
        `${extensions.length === 1 ? 'it' : 'one of them'}.`,
    );
  }
  tryToWrite(path);
}

/** What an output folder is, for the sentence that refuses it. */
export interface OutputFolder {
  /** What is written into it, plural: `the images`. */
  readonly what: string;
  /** Names of the files that will be written there, as far as they are known. */
  readonly files?: readonly string[];
}

/** What the names of files end in, and those of folders hardly ever. */
const fileExtensions = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.onnx', '.safetensors', '.json', '.gz'];

const checkOutputFolderArguments = signature('checkOutputFolder', {
  path: text,
  folder: options({ what: text, files: listOf(text, 'an array of strings').optional() }),
});

/**
 * The same for a folder that takes several files. It may be missing: it is made with the first of them.
 *
 * @throws ConfigError for a name that is a file's, WriteError for a folder that cannot be made or written
 */
export function checkOutputFolder(path: string, folder: OutputFolder): void {
  checkOutputFolderArguments({ path, folder });
  const { what, files = [] } = folder;
  if (path === '') throw new ConfigError(`"" names no folder; ${what} go into one: give its name.`);
  if (fileExtensions.includes(extname(path).toLowerCase()) && !isFolder(path)) {
    throw new ConfigError(`${path}: the name of a file, but ${what} go into a folder; give the name of a folder.`);
  }
  const paths = files.map((name) => join(path, name));
  const taken = paths.find(isFolder);
  if (taken !== undefined) {
    throw new WriteError(`cannot write ${taken}: there is a folder of that name; remove it, or give another folder.`);
  }
  const [first = path] = paths;
  tryToWrite(first, path);
}

const namesFolder = (path: string): boolean =>
  /^\.{0,2}$/.test(basename(path)) || ['/', sep].includes(path.at(-1) ?? '');

const isFolder = (path: string): boolean => statOf(path)?.isDirectory() ?? false;

/**
 * Writes an empty file and removes it: only the system knows permissions, read-only disks and limits of names. The file goes
 * into the nearest folder that exists, so that none is made for work that may yet fail.
 */
function tryToWrite(path: string, folder = dirname(path)): void {
  const trial = join(nearestFolder(path, folder), temporaryName(basename(path)));
  try {
    closeSync(openSync(trial, 'wx'));
    rmSync(trial, { force: true });
  } catch (error) {
    throw writeError(path, error);
  }
}

/** The first of `folder` and those around it that exists. @throws WriteError about `path` where one is no folder */
function nearestFolder(path: string, folder: string): string {
  const found = statOf(folder);
  if (found?.isDirectory() === true) return folder;
  if (found !== undefined) {
    throw new WriteError(`cannot write ${path}: part of the path is a file, not a folder (${folder}); give another.`);
  }
  if (isLink(folder)) {
    throw new WriteError(`cannot write ${path}: part of the path is a link to nothing (${folder}); give another.`);
  }
  return nearestFolder(path, dirname(folder));
}

/** Undefined where there is nothing. @throws WriteError where even looking is refused */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw writeError(path, error);
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
