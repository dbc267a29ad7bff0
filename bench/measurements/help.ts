import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { say, table } from '../support/report.js';

/** How long `diffusion --help` takes, as a whole process. */
export function benchmarkHelp(rounds: number): void {
  const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
  if (!existsSync(main)) throw new Error('packages/cli/dist is missing: npm run build');
  const measured = Array.from({ length: rounds }, () => {
    const start = performance.now();
    spawnSync(process.execPath, [main, '--help']);
    return performance.now() - start;
  });
  say('\n## `diffusion --help`\n');
  table({ 'whole process': measured });
}
