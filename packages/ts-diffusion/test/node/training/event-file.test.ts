import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { EventFile, eventFiles } from '../../../src/node/training/event-file.js';
import { RunFolder } from '../../../src/node/training/run-folder.js';
import { grid, writeKilledRun } from '../../formats/event-run.js';
import { readEvents, readRecords, wallTimes, type EventsSeen } from '../../formats/read-events.js';
import { goldenEvents } from '../../golden/tensorboard-events.js';
import { temporaryFolder } from '../../training/folders.js';
import { tinyConfig } from '../../training/tiny-run.js';

const inFolder = temporaryFolder();
const seenIn = (folder: string): EventsSeen =>
  readEvents(eventFiles(folder).map((name) => new Uint8Array(readFileSync(join(folder, name)))));
const { scalars, images } = goldenEvents;

/** The records of a file, the first nine bytes of which are their time. */
const withoutTimes = (file: Uint8Array): string[] =>
  readRecords(file).map((record) => Buffer.from(record.subarray(9)).toString('hex'));

describe('the events of a run that was killed in the middle of a record and resumed', () => {
  test('are to TensorBoard those of its steps, each once', () => {
    expect(goldenEvents.fileVersion).toBe(2);
    expect(scalars['loss/training']).toEqual([
      [2, 0.5],
      [4, 0.25],
      [5, 0.125],
      [6, 0.0625],
    ]);
    expect(goldenEvents.pluginScalars).toEqual(scalars);
    expect(images['samples']?.map(({ step, png }) => [step, png])).toEqual(
      [
        [4, 40],
        [5, 51],
      ].map(([step, shade]) => [step, Buffer.from(grid(shade as number)).toString('base64')]),
    );
  });

  test('are the same to the reader of these tests', () => {
    const files = Object.values(goldenEvents.files).map((base64) => new Uint8Array(Buffer.from(base64, 'base64')));
    expect(readEvents(files)).toEqual({ scalars, images });
  });

  test('are written today as TensorBoard read them, to the byte but for the time', () => {
    writeKilledRun(inFolder('today'));
    const now = eventFiles(inFolder('today')).map((name) => readFileSync(join(inFolder('today'), name)));
    const golden = Object.values(goldenEvents.files).map((base64) => Buffer.from(base64, 'base64'));
    expect(now.map(withoutTimes)).toEqual(golden.map(withoutTimes));
    const [first = 0] = wallTimes(now[0] as Buffer);
    expect(Math.abs(first - Date.now() / 1000)).toBeLessThan(60);
    expect(seenIn(inFolder('today'))).toEqual({ scalars, images });
  });
});

test('a run that writes events from its second start on has those of its first steps too', () => {
  const folder = inFolder('late');
  writeKilledRun(folder);
  const before = seenIn(folder);
  for (const name of eventFiles(folder)) rmSync(join(folder, name));
  const run = RunFolder.resume(folder);
  run.openMetrics(6, { tensorboard: true }).close();
  run.close();
  expect(eventFiles(folder).length).toBe(1);
  expect(seenIn(folder)).toEqual(before);
});

test('without being asked for, no events are written', () => {
  const run = RunFolder.create(inFolder('none'), tinyConfig());
  run.openMetrics(0).close();
  run.close();
  expect(readdirSync(inFolder('none'))).not.toContainEqual(expect.stringContaining('tfevents'));
});

test('names are in the order of the starts, also where the clock went back or starts follow at once', () => {
  const folder = inFolder('names');
  RunFolder.create(folder, tinyConfig()).close();
  const clock = vi.spyOn(Date, 'now');
  for (const seconds of [2_000_000_000, 2_000_000_000, 1_900_000_000, 2_000_000_001]) {
    clock.mockReturnValue(1000 * seconds);
    new EventFile(folder, 0, () => undefined).close();
  }
  clock.mockRestore();
  expect(eventFiles(folder)).toEqual([
    'events.out.tfevents.2000000000.0000',
    'events.out.tfevents.2000000000.0001',
    'events.out.tfevents.2000000000.0002',
    'events.out.tfevents.2000000001.0000',
  ]);
});

test('a grid that is not whole is not added', () => {
  const folder = inFolder('torn');
  const run = RunFolder.create(folder, tinyConfig());
  const metrics = run.openMetrics(0, { tensorboard: true });
  writeFileSync(run.samplePath(2), grid(1).subarray(0, 30));
  run.recordSamples(2);
  run.recordSamples(3);
  metrics.close();
  run.close();
  expect(seenIn(folder).images).toEqual({});
});
