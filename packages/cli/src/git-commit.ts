import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const packageFolder = fileURLToPath(new URL('../', import.meta.url));

/** The commit of this program's repository, with `-changed` where src differs from it; null outside the repository. */
export function gitCommit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: packageFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // A package installed inside somebody's repository is not a commit of theirs.
    if (git('ls-files', 'package.json') === '') return null;
    return (
      git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '-changed')
    );
  } catch {
    return null;
  }
}
