import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pacer, QUICK_MS, SETTLE_MS } from '../src/state/pacer.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Drags settings 0, 1, 2, ... with a change each `every` ms, of which each takes `long` ms to compute. */
async function drag(pacer: Pacer, changes: number, every: number, long: number) {
  const [begun, ended]: [number[], number[]] = [[], []];
  let undo = (): void => undefined;
  for (let setting = 0; setting < changes; setting++) {
    undo();
    undo = pacer.change(async (signal) => {
      begun.push(setting);
      await new Promise((resolve) => {
        setTimeout(resolve, long);
      });
      if (!signal.aborted) ended.push(setting);
      return true;
    });
    await vi.advanceTimersByTimeAsync(every);
  }
  await vi.advanceTimersByTimeAsync(10 * SETTLE_MS + 2 * long);
  return { begun, ended };
}

test('quick computations follow settings that are dragged, each to its end, and the last one is shown', async () => {
  const { begun, ended } = await drag(new Pacer(), 20, 16, 25);
  expect(ended).toEqual(begun);
  expect(ended.length).toBeGreaterThanOrEqual(8);
  expect(ended.at(-1)).toBe(19);
});

test('long computations wait until the settings rest', async () => {
  const pacer = new Pacer();
  const first = await drag(pacer, 1, 16, 5 * QUICK_MS);
  expect(first.ended).toEqual([0]);
  const { begun, ended } = await drag(pacer, 20, 16, 5 * QUICK_MS);
  // The first change after a rest is not known to be the begin of a drag.
  expect(begun).toEqual([0, 19]);
  expect(ended).toEqual([19]);
});

test('a computation that turns out to be long while settings are dragged is given up, and later ones wait', async () => {
  const { begun, ended } = await drag(new Pacer(), 40, 16, 5 * QUICK_MS);
  expect(begun.length).toBeLessThanOrEqual(3);
  expect(ended).toEqual([39]);
});

test('the duration of a computation that says so tells nothing of the others', async () => {
  const pacer = new Pacer();
  pacer.change(async () => {
    await new Promise((resolve) => {
      setTimeout(resolve, 10 * QUICK_MS);
    });
    return false;
  });
  await vi.advanceTimersByTimeAsync(20 * QUICK_MS);
  const { ended } = await drag(pacer, 20, 16, 25);
  expect(ended.length).toBeGreaterThanOrEqual(8);
});

test('what is under way is stopped', async () => {
  const pacer = new Pacer();
  let isAborted = false;
  pacer.change(async (signal) => {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    isAborted = true;
    return true;
  });
  await vi.advanceTimersByTimeAsync(1);
  pacer.stop();
  await vi.advanceTimersByTimeAsync(1);
  expect(isAborted).toBe(true);
});
