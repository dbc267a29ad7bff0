import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultThreads, physicalCores, resolveThreads } from '../../../src/node/runtime/threads.js';
import { RuntimeError } from '../../../src/runtime/types.js';

/** Two packages of two cores with two hardware threads each, numbered as Linux does: the second threads come last. */
const cpuinfo = Array.from({ length: 8 }, (_, i) =>
  [
    `processor\t: ${i}`,
    'model name\t: some processor',
    `physical id\t: ${Math.floor((i % 4) / 2)}`,
    `core id\t\t: ${i % 2}`,
  ].join('\n'),
).join('\n\n');
const statusOf = (allowed: string): string =>
  `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\nThreads:\t7\n`;

describe('physical cores', () => {
  test.each([
    ['0-7', 4],
    ['0-3', 4],
    ['0,4', 1],
    ['0-1,4-5', 2],
    ['1,2,5-6', 2],
    ['7', 1],
  ])('a process that may use the processors %s has %d', (allowed, cores) => {
    expect(physicalCores(cpuinfo, statusOf(allowed))).toBe(cores);
  });

  test('are unknown where the processors do not tell', () => {
    expect(physicalCores('processor\t: 0\nBogoMIPS\t: 50\n\nprocessor\t: 1\n', statusOf('0-1'))).toBeUndefined();
  });
});

describe('threads', () => {
  test('0 stands for one per core, others for themselves', () => {
    expect(resolveThreads(0)).toBe(defaultThreads());
    expect(resolveThreads(3)).toBe(3);
    for (const invalid of [-1, 1.5, NaN]) expect(() => resolveThreads(invalid)).toThrow(RuntimeError);
  });

  test.skipIf(process.platform !== 'linux')('by default keep to the processors that the process may use', () => {
    const module = join(import.meta.dirname, '../../../src/node/runtime/threads.ts');
    const script = `import(${JSON.stringify(module)}).then(({ defaultThreads }) => console.log(defaultThreads()))`;
    const { stdout } = spawnSync('taskset', ['-c', '0', process.execPath, '--import', 'tsx', '-e', script], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    expect(stdout).toBe('1\n');
  });
});
