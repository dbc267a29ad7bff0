import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { describe, expect, test, type TestContext } from 'vitest';
import { patient, patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath } from './run-cli.js';
import { cliFolder, endless, ending, until } from './training-child.js';

patientTests();
const { inFolder, start, steps, hasCheckpoint, trainer } = cliFolder();

const FULL = '/dev/full';
/** Linux' file that is always full; other systems have none. */
const openFull = (): number => openSync(FULL, 'w');
const onLinux = process.platform === 'linux';

/** Steps are still taken. */
async function goesOn(): Promise<void> {
  const now = steps();
  await until(() => steps() > now + 20);
}

describe('a training goes on without its output', () => {
  test.each(onLinux ? ['closed pipes', FULL] : ['closed pipes'])('%s', async (what) => {
    const full = what === FULL ? openFull() : undefined;
    const child = start(endless, ['ignore', full ?? 'pipe', full ?? 'pipe']);
    const end = ending(child);
    child.stdout?.destroy();
    child.stderr?.destroy();
    await until(() => steps() > 0);
    await goesOn();
    child.kill('SIGTERM');
    expect(await end).toEqual({ code: 130, signal: null });
    expect(hasCheckpoint()).toBe(true);
    if (full !== undefined) closeSync(full);
  });
});

describe('a terminal that closes', () => {
  /** Runs the training in a terminal, which closes when `script` (util-linux) is killed; its exit code goes into \`code\`. */
  function trainInTerminal(context: TestContext, shell: (training: string) => string) {
    const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
    if (!/util-linux/.test(stdout)) {
      context.skip('There is no script of util-linux here, which makes the terminal.');
    }
    const training = [process.execPath, cliPath, ...endless].join(' ');
    return start(['-qec', `${shell(training)}; echo $? > code`, '/dev/null'], 'ignore', 'script');
  }
  const exitCode = (): string => (existsSync(inFolder('code')) ? readFileSync(inFolder('code'), 'utf8').trim() : '');

  test('ends a training with a checkpoint, and without a crash', async (context) => {
    const terminal = trainInTerminal(
      context,
      // As an interactive shell does, this one passes the terminal's hangup on.
      (training) => `trap 'kill -HUP $!' HUP; ${training} & wait $!; wait $!`,
    );
    await until(() => steps() > 0);
    terminal.kill('SIGKILL');
    await expect.poll(exitCode, patient).toBe('130');
    expect(hasCheckpoint()).toBe(true);
    expect(existsSync(inFolder('run/run.lock'))).toBe(false);
  });

  test('does not end one that has left it', async (context) => {
    const terminal = trainInTerminal(context, (training) => `trap '' HUP; setsid --wait ${training}`);
    await until(() => steps() > 0);
    terminal.kill('SIGKILL');
    await goesOn();
    process.kill(trainer(), 'SIGTERM');
    await expect.poll(exitCode, patient).toBe('130');
    expect(hasCheckpoint()).toBe(true);
  });
});

describe('another command', () => {
  const result = 'doctor --offline --data embedded --threads 1'.split(' ');
  const files = 'noise --data embedded --offline --out noise.png'.split(' ');

  test.each([
    ['stops where its output is the result', result],
    ['finishes its files', files],
  ])('whose reader has gone %s, without a word', async (_, args) => {
    const child = start(args, ['ignore', 'pipe', 'pipe']);
    let errors = '';
    child.stderr?.on('data', (part: Buffer) => (errors += part.toString()));
    child.stdout?.destroy();
    expect(await ending(child)).toEqual({ code: 128 + 13, signal: null });
    expect(errors).not.toMatch(/error|EPIPE| at /i);
    expect(existsSync(inFolder('noise.png'))).toBe(args === files);
  });

  const commands = [
    ['doctor', result],
    ['noise', files],
    ['help', ['--help']],
  ] as const;
  test.runIf(onLinux).each(commands)('%s says that a full disk took its output', async (_, args) => {
    const full = openFull();
    const child = start(args, ['ignore', full, 'pipe']);
    let errors = '';
    child.stderr?.on('data', (part: Buffer) => (errors += part.toString()));
    expect(await ending(child)).toEqual({ code: 1, signal: null });
    expect(errors).toMatch(/^error: cannot write standard output: the disk is full; free some space and run again\n$/m);
    expect(errors).not.toMatch(/ENOSPC| {4}at /);
    closeSync(full);
  });
});
