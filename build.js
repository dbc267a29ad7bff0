// Builds what is named on the command line and what that needs, in order; what is unchanged since its last build is left alone:
//   node build.js library      packages/ts-diffusion/dist
//   node build.js cli          packages/cli/dist, without the page
//   node build.js page         the studio's page, in packages/studio/dist and packages/cli/dist/studio-page
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

process.chdir(import.meta.dirname);
const STAMPS = 'node_modules/.cache/ts-diffusion-builds';
const everywhere = ['package-lock.json', 'tsconfig.base.json', 'build.js'];

const steps = {
  library: {
    needs: [],
    inputs: ['build.js', 'package.json', 'tsconfig.build.json', 'src'].map((name) => `packages/ts-diffusion/${name}`),
    output: 'packages/ts-diffusion/dist/LICENSES.txt',
    commands: [['packages/ts-diffusion/build.js']],
  },
  cli: {
    needs: ['library'],
    inputs: ['packages/cli/package.json', 'packages/cli/tsconfig.build.json', 'packages/cli/src'],
    output: 'packages/cli/dist/main.js',
    commands: [['node_modules/typescript/bin/tsc', '-p', 'packages/cli/tsconfig.build.json']],
  },
  page: {
    needs: ['library', 'cli'],
    inputs: ['build', 'index.html', 'package.json', 'public', 'src', 'vite.config.ts'].map(
      (name) => `packages/studio/${name}`,
    ),
    output: 'packages/cli/dist/studio-page/index.html',
    commands: [['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', 'packages/studio']],
  },
};

/** Names, sizes and times of all files, and the stamps of what is built first: differs when any of them was changed. */
function stampOf({ needs, inputs }) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const input of [...everywhere, ...inputs]) {
    if (!statSync(input).isDirectory()) add(input);
    else
      for (const entry of readdirSync(input, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) add(join(entry.parentPath, entry.name));
      }
  }
  for (const need of needs) hash.update(readFileSync(join(STAMPS, need)));
  return hash.digest('hex');
}

const done = new Set();
function build(name) {
  if (done.has(name)) return;
  done.add(name);
  const step = steps[name];
  step.needs.forEach(build);
  const [stamp, stampFile] = [stampOf(step), join(STAMPS, name)];
  const current = existsSync(step.output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (current) return;
  rmSync(stampFile, { force: true });
  for (const command of step.commands) {
    const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampFile, stamp);
}

process.argv.slice(2).forEach(build);
