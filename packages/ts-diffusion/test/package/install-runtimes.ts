// `npm run test:runtimes` installs what runtimes.test.ts then finds.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { folderOf, npmRuntimes } from './runtimes.js';

for (const runtime of npmRuntimes) {
  const folder = folderOf(runtime);
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${runtime.packageName}@${runtime.version}`,
    ],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}
