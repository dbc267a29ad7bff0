import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/** The library as npm packs it, and a folder that has it installed. `npm test` builds it first. */
export interface Consumer {
  /** Outside the repository: nothing is found in its node_modules. */
  readonly folder: string;
  readonly tarball: string;
  readonly files: readonly PackedFile[];
  /** Writes a file and returns its path. */
  write(name: string, text: string): string;
  remove(): void;
}

/** @param packages what the consumer installs besides the library: links to the repository's */
export function createConsumer(...packages: readonly string[]): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  const report = execFileSync(
    'npm',
    ['pack', '--workspace', 'ts-diffusion', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: root, encoding: 'utf8' },
  );
  const reports = JSON.parse(report) as readonly PackReport[] | Readonly<Record<string, PackReport>>;
  const [packed] = Object.values(reports);
  if (packed === undefined) throw new Error('npm packed nothing');
  const tarball = join(folder, packed.filename);
  const library = join(folder, 'node_modules', 'ts-diffusion');
  mkdirSync(library, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', library]);
  for (const name of packages) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, tarball, files: packed.files, write, remove };
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly PackedFile[];
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** What users import, e.g. `ts-diffusion/train`; in a browser, only what has a file for it. */
export function entriesOf(platform: 'node' | 'browser'): readonly string[] {
  const text = readFileSync(join(root, 'packages/ts-diffusion/package.json'), 'utf8');
  return Object.entries((JSON.parse(text) as Manifest).exports)
    .filter(([, target]) => typeof target === 'object' && (platform === 'node' || 'default' in target))
    .map(([name]) => name.replace(/^\./, 'ts-diffusion'));
}
