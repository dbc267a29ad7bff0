import { describe, expect, test } from 'vitest';
import { allArrives, crashState, powerCuts, type Persistence, type Tree } from './crash-states.js';
import type { Operation } from './operations.js';

const write = (file: number | string, at: number, text: string): Operation => ({
  kind: 'write',
  path: 'run/a.tmp',
  file,
  at,
  base64: Buffer.from(text).toString('base64'),
});
const start: Tree = new Map([
  ['run', null],
  ['run/a', Buffer.from('old')],
]);
const create: Operation = { kind: 'create', path: 'run/a.tmp', file: 0 };
const rename: Operation = { kind: 'rename', path: 'run/a.tmp', to: 'run/a' };
const sync: Operation = { kind: 'sync', path: 'run/a.tmp', file: 0 };
const syncFolder: Operation = { kind: 'sync-folder', path: 'run' };

const texts = (tree: Tree): Record<string, string | null> =>
  Object.fromEntries([...tree].map(([path, bytes]) => [path, bytes && Buffer.from(bytes).toString()]));
const after = (log: readonly Operation[], persistence: Persistence, from = start) =>
  texts(crashState(from, log, log.length, persistence));
const always = (value: number) => (): number => value;

describe('a file that is replaced', () => {
  const careless = [create, write(0, 0, 'new'), rename];
  const careful = [create, write(0, 0, 'ne'), write(0, 2, 'w'), sync, rename, syncFolder];

  test('is there after a kill, synced or not', () => {
    expect(after(careless, allArrives)).toEqual({ run: null, 'run/a': 'new' });
  });

  test('is empty, torn, or full of zeros after a power cut, where its name arrives and its data do not', () => {
    expect(after(careless, powerCuts['writes lost']())).toEqual({ run: null, 'run/a': '' });
    // The first number is how many bytes arrive, the second whether the rest is cut off.
    const numbers = (...values: number[]) => powerCuts['writes torn'](() => values.shift() as number);
    expect(after(careless, numbers(1, 0))).toEqual({ run: null, 'run/a': 'n' });
    expect(after(careless, numbers(2, 1))).toEqual({ run: null, 'run/a': 'ne\0' });
  });

  test('is the old one, where its name does not arrive', () => {
    expect(after(careless, powerCuts['names lost']())).toEqual({ run: null, 'run/a': 'old' });
    expect(after(careful.slice(0, -1), powerCuts['names lost']())).toEqual({ run: null, 'run/a': 'old' });
    // Of the two changes of names the first arrives: the file has its temporary name.
    const first: Persistence = { ...allArrives, names: always(1) };
    expect(after(careful.slice(0, -1), first)).toEqual({ run: null, 'run/a': 'old', 'run/a.tmp': 'new' });
  });

  test('is the new one whatever happens, once file and folder are synced', () => {
    for (const make of Object.values(powerCuts)) {
      expect(after(careful, make(always(0)))).toEqual({ run: null, 'run/a': 'new' });
    }
  });
});

test('what was appended to an old file is lost alone', () => {
  expect(after([write('run/a', 3, 'er')], powerCuts['writes lost']())).toEqual({ run: null, 'run/a': 'old' });
});

test('a folder whose name is lost takes along what is in it, synced or not', () => {
  const log: Operation[] = [{ kind: 'mkdir', path: 'run' }, create, write(0, 0, 'new'), sync, syncFolder];
  expect(after(log, powerCuts['names lost'](), new Map())).toEqual({});
  expect(after([...log, { kind: 'sync-folder', path: '' }], powerCuts['names lost'](), new Map())).toEqual({
    run: null,
    'run/a.tmp': 'new',
  });
});
