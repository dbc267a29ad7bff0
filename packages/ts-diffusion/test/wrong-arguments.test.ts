import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as main from '../src/entries/main.js';
import { WorkerPipeline } from '../src/entries/worker.js';
import { UserError } from '../src/utils/errors.js';
import { drawingCalls } from './wrong-arguments/drawing-calls.js';
import { evaluationCalls } from './wrong-arguments/evaluation-calls.js';
import { parts } from './wrong-arguments/fixtures.js';
import { nodeCalls } from './wrong-arguments/node-calls.js';
import { trainingCalls } from './wrong-arguments/training-calls.js';
import { workerCalls } from './wrong-arguments/worker-calls.js';

const calls = [...drawingCalls, ...trainingCalls, ...evaluationCalls, ...nodeCalls, ...workerCalls];
const folder = new URL('../src/entries/', import.meta.url);
const entries = await Promise.all(
  readdirSync(folder).map(
    async (name) => (await import(new URL(name, folder).href)) as Readonly<Record<string, unknown>>,
  ),
);

const kindOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Of every kind, none of them what any argument here wants; and numbers that are none. */
const wrong: readonly unknown[] = [
  null,
  NaN,
  'three',
  '3',
  {},
  [{}],
  true,
  10n,
  new Date(0),
  new Float64Array(2),
  Symbol('x'),
];

/** Values that stand for what is wrong of the same kind as a right one. */
function wrongInPlaceOf(right: unknown): readonly unknown[] {
  const others = wrong.filter((value) => kindOf(value) !== kindOf(right) || Number.isNaN(value));
  // What is array-like may be any typed array, and what is an object, one of options, may lack everything.
  return Array.isArray(right) ? others.filter((value) => !(value instanceof Float64Array)) : others;
}

const attempt = async (call: (...given: never[]) => unknown, given: readonly unknown[]): Promise<unknown> =>
  await call(...(given as never[]));

describe.each(calls)('$name', ({ call, given, nullable = [], ofManyKinds = [], allOptional = false }) => {
  it('takes what is right', async () => {
    await attempt(call, given);
  });

  const allowed = (i: number, value: unknown): boolean => nullable.includes(i) && value === null;
  const cases = given.flatMap((right, i) =>
    wrongInPlaceOf(right)
      .filter((value) => !allowed(i, value))
      .map((value) => [i, kindOf(value), value] as const),
  );
  it('refuses what is of another kind', async () => {
    for (const [i, kind, value] of cases) {
      const failed: unknown = await attempt(call, given.with(i, value)).catch((error: unknown) => error);
      expect(failed, `argument ${i}: ${kind} ${String(value)}`).toBeInstanceOf(UserError);
    }
  });

  const fields = given.flatMap((right, i) => {
    const isOptions =
      kindOf(right) === '[object Object]' &&
      Object.getPrototypeOf(right) === Object.prototype &&
      !parts.has(right as object);
    return isOptions
      ? Object.entries(right as object)
          .filter(([field]) => !ofManyKinds.includes(field))
          .map(([field, value]) => [i, right as object, field, value as unknown] as const)
      : [];
  });
  if (fields.length > 0) {
    it('refuses options of another kind', async () => {
      for (const [i, options, field, right] of fields) {
        for (const value of wrongInPlaceOf(right)) {
          const failed: unknown = await attempt(call, given.with(i, { ...options, [field]: value })).catch(
            (error: unknown) => error,
          );
          expect(failed, `option ${field}: ${kindOf(value)} ${String(value)}`).toBeInstanceOf(UserError);
        }
      }
    });
  }

  if (!allOptional) {
    it('refuses to be called without anything', async () => {
      await expect(attempt(call, [])).rejects.toBeInstanceOf(UserError);
    });
  }
});

/** What needs no call with wrong arguments, each for its reason. */
const exceptions: Readonly<Record<string, string>> = {
  nextTurn: 'takes nothing',
  defaultThreads: 'takes nothing',
  shippedModels: 'takes nothing',
  defineDiffusionImage: 'takes nothing',
  DiffusionImage: 'an element, made by the page, whose attributes are texts',
};

const isError = (value: object): boolean => value instanceof Function && value.prototype instanceof Error;

it('tries every function and class that the package exports', () => {
  const exported = entries.flatMap((entry) => Object.entries(entry).filter(([, value]) => typeof value === 'function'));
  // An error takes its message.
  const untried = exported.filter(
    ([name, value]) =>
      !isError(value as object) &&
      !Object.hasOwn(exceptions, name) &&
      !calls.some((call) => call.name === name || call.name.startsWith(`${name}.`)),
  );
  expect(untried.map(([name]) => name)).toEqual([]);
  const names = new Set(exported.map(([name]) => name));
  const unknown = [...Object.keys(exceptions), ...calls.map(({ name }) => name.split('.')[0] as string)];
  expect(unknown.filter((name) => !names.has(name))).toEqual([]);
});

const loaders = [
  (...given: Parameters<typeof main.DiffusionPipeline.load>) => main.DiffusionPipeline.load(...given),
  (...given: Parameters<typeof WorkerPipeline.load>) => WorkerPipeline.load(...given),
];

describe('loading a pipeline', () => {
  it.each([null, undefined, 3, {}, [], true])('from %s', async (source) => {
    for (const load of loaders) {
      await expect(attempt(load, [source])).rejects.toBeInstanceOf(UserError);
    }
  });

  it.each([null, 3, 'cpu', { threads: '2' }, { device: 3 }, { onProgress: true }, { signal: {} }, { ema: 'yes' }])(
    'with %j',
    async (options) => {
      for (const load of loaders) {
        await expect(attempt(load, ['quick', options])).rejects.toBeInstanceOf(UserError);
      }
    },
  );
});
