import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const job = readFileSync(
  fileURLToPath(new URL('../../../../examples/kubernetes/shards.yaml', import.meta.url)),
  'utf8',
);
const field = (name: string): number => Number(new RegExp(`^  ${name}: (\\d+)$`, 'm').exec(job)?.[1]);

test('the pods of the indexed job compute each shard once', () => {
  // In place of the program: a script that prints what it is given.
  const program = join(folder, 'diffusion');
  writeFileSync(program, '#!/bin/sh\necho "$@"\n');
  chmodSync(program, 0o755);
  // A folded block of YAML: lines joined by spaces.
  const [, block = ''] = /args:\n +- >-\n((?: {14}.*\n)+)/.exec(job) ?? [];
  const script = block.trim().replace(/\n */g, ' ');
  const variables = Array.from(job.matchAll(/{ name: ([A-Z]+), value: '(\d+)' }/g), ([, name, value]) => [name, value]);
  const pods = Array.from({ length: field('completions') }, (_, index) => {
    const env = {
      ...(Object.fromEntries(variables) as NodeJS.ProcessEnv),
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      JOB_COMPLETION_INDEX: String(index),
    };
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim();
  });
  expect(pods.map((line) => /--shard (\S+)/.exec(line)?.[1])).toEqual([
    '1/8',
    '2/8',
    '3/8',
    '4/8',
    '5/8',
    '6/8',
    '7/8',
    '8/8',
  ]);
  expect(new Set(pods.map((line) => line.replace(/--shard \S+/, ''))).size).toBe(1);
  const [command = '', ...options] = (pods[0] ?? '').split(' ');
  const help = runCli([command, '--help'], folder).stdout;
  for (const option of options.filter((word) => word.startsWith('-'))) expect(help).toContain(`${option} `);
});

describe('run.sh', () => {
  const script = fileURLToPath(new URL('../../../../examples/kubernetes/run.sh', import.meta.url));

  /** Runs it with a kubectl that notes what it is told, and gives these conditions one after another. */
  function runWith(name: string, ...conditions: readonly string[]) {
    const place = join(folder, name);
    mkdirSync(place);
    const kubectl = join(place, 'kubectl');
    const answers = conditions.map((each, i) => `${i + 1}) echo "${each}" ;;`).join(' ');
    const lines = [
      '#!/bin/sh',
      `echo "$1 $3" >> "${place}/calls"`,
      `if [ "$1" = get ]; then case $(grep -c ^get "${place}/calls") in ${answers} esac; fi`,
    ];
    writeFileSync(kubectl, `${lines.join('\n')}\n`);
    chmodSync(kubectl, 0o755);
    const env = { PATH: `${place}:${process.env['PATH'] ?? ''}`, SECONDS_BETWEEN: '0' };
    const { status, stderr } = spawnSync('bash', [script], { env, encoding: 'utf8', timeout: 60_000 });
    const applied = Array.from(
      readFileSync(join(place, 'calls'), 'utf8').matchAll(/^apply .*\/(.*)$/gm),
      ([, file]) => file,
    );
    return { status, stderr, applied };
  }

  test('merges once the shards are complete', () => {
    const { status, applied } = runWith('complete', '', '', 'SuccessCriteriaMet Complete');
    expect({ status, applied }).toEqual({ status: 0, applied: ['shards.yaml', 'merge.yaml'] });
  });

  test('ends when the job has failed, and merges nothing', () => {
    const { status, stderr, applied } = runWith('failed', '', 'FailureTarget Failed');
    expect({ status, applied }).toEqual({ status: 1, applied: ['shards.yaml'] });
    expect(stderr).toContain('job/diffusion-shards has failed');
  });
});
