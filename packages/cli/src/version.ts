import { createRequire } from 'node:module';

/** The version of this package, e.g. `0.1.0`. */
export function packageVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
