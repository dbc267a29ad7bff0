import { beforeAll, describe, expect, it } from 'vitest';
import {
  decodeDistillCheckpoint,
  encodeDistillCheckpoint,
  type DistillCheckpoint,
} from '../../src/distillation/distill-checkpoint.js';
import { resolveDistillConfig, type DistillConfig } from '../../src/distillation/distill-config.js';
import { distill, type DistillEvent, type DistillRun } from '../../src/distillation/distill-run.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import type { MetricsLine } from '../../src/training/metrics-window.js';
import { tinyTeacher } from './tiny-teacher.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu', threads: 1 });
});

const tinyDistillation = (changes: object = {}): DistillConfig =>
  resolveDistillConfig({
    ...{ updates: 11, batchSize: 7, regressionUpdates: 3, regressionImages: 14, warmupUpdates: 2 },
    ...{ logEvery: 2, checkpointEvery: 100, sampleEvery: 4, seed: 3 },
    ...changes,
  });

/** A run whose checkpoints are files in memory, with all that it did. */
async function run(
  config: DistillConfig,
  {
    resume,
    stopAfter,
    teacher = tinyTeacher(),
  }: { resume?: Uint8Array; stopAfter?: number; teacher?: PipelineModel } = {},
) {
  const files: Uint8Array[] = [];
  const students: PipelineModel[] = [];
  const lines: MetricsLine[] = [];
  const events: DistillEvent[] = [];
  const controller = new AbortController();
  const store: DistillRun['store'] = {
    path: 'memory',
    hasCheckpoint: resume !== undefined,
    openMetrics: () => ({
      append: (line) => void lines.push(line as MetricsLine),
      flush: () => undefined,
      close: () => undefined,
    }),
    writeCheckpoint: (checkpoint, student) => {
      files.push(encodeDistillCheckpoint(checkpoint));
      students.push(student);
    },
  };
  const begun = resume && decodeDistillCheckpoint(resume, 'memory');
  for await (const event of distill({ config, teacher, runtime, store, resume: begun, signal: controller.signal })) {
    events.push(event);
    if (event.type === 'step' && event.step === stopAfter) controller.abort();
  }
  return { files, students, lines, events, last: files.at(-1) as Uint8Array };
}

const decode = (file: Uint8Array): DistillCheckpoint => decodeDistillCheckpoint(file, 'memory');

describe('a distillation', () => {
  it.each([
    ['the regression', 2],
    ['the matching', 6],
  ])('that is stopped in %s and resumed is the undisturbed one to the bit', async (_where, stopAfter) => {
    const whole = await run(tinyDistillation());
    const begun = await run(tinyDistillation(), { stopAfter });
    expect(begun.events.at(-1)).toEqual({ type: 'stopped', step: stopAfter, reason: 'interrupted' });
    const resumed = await run(tinyDistillation(), { resume: begun.last });
    expect(decode(resumed.last)).toEqual(decode(whole.last));
    expect(decode(whole.last).step).toBe(11);
  });

  it('repeats itself to the bit, and differs by its seed', async () => {
    const [first, again, other] = [
      await run(tinyDistillation()),
      await run(tinyDistillation()),
      await run(tinyDistillation({ seed: 4 })),
    ];
    expect(again.last).toEqual(first.last);
    expect(decode(other.last).state.student.ema).not.toEqual(decode(first.last).state.student.ema);
  });

  it('can be resumed for more updates, and is what it would have been with them from the beginning', async () => {
    const whole = await run(tinyDistillation());
    const short = await run(tinyDistillation({ updates: 8 }));
    const longer = await run(tinyDistillation(), { resume: short.last });
    expect(decode(longer.last).state).toEqual(decode(whole.last).state);
  });

  it('whose learning rate falls at its end is the same whether that was asked for at once or before it began', async () => {
    const rates = ({ events }: Awaited<ReturnType<typeof run>>): number[] =>
      events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
    const decaying = tinyDistillation({ decayUpdates: 4, learningRate: 1e-3 });
    const whole = await run(decaying);
    // Regression, the warm-up in two updates, and from the last four on a fall in fifths.
    const expected = [5e-4, 5e-4, 5e-4, 5e-4, 1e-3, 1e-3, 1e-3, 8e-4, 6e-4, 4e-4, 2e-4];
    expect(rates(whole)).toBeCloseToTensor(expected, { rtol: 1e-12 });
    const begun = await run(tinyDistillation({ learningRate: 1e-3 }), { stopAfter: 7 });
    const resumed = await run(decaying, { resume: begun.last });
    expect(decode(resumed.last).state).toEqual(decode(whole.last).state);
    const late = await run(decaying, { stopAfter: 8 });
    await expect(run(tinyDistillation({ learningRate: 1e-3 }), { resume: late.last })).rejects.toThrow(
      '"updates" and "decayUpdates" cannot be changed after 8 updates',
    );
  });

  it('logs the means of its updates, draws when it is due, and keeps a student that is drawn from as it has learnt', async () => {
    const { events, lines, students } = await run(tinyDistillation());
    const due = events.flatMap((event) => (event.type === 'samples-due' ? [event.step] : []));
    expect(due).toEqual([4, 8, 11]);
    expect(lines.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 11]);
    const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
    expect(lines[2]?.loss).toBeCloseTo(((losses[4] ?? NaN) + (losses[5] ?? NaN)) / 2, 12);
    expect(students.at(-1)).toMatchObject({
      prediction: 'x0',
      drawingSteps: [1, 2, 4],
      sampling: { sampler: 'ddpm', spacing: 'trailing', samplingSteps: 4, guidanceWeight: 0.5 },
      model: { largestGuidanceWeight: 2 },
    });
  });

  it('learns what the teacher makes of noise', async () => {
    const { events } = await run(
      tinyDistillation({ updates: 101, regressionUpdates: 100, regressionLearningRate: 3e-3 }),
    );
    const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
    expect(mean(losses.slice(80, 100))).toBeLessThan(0.5 * mean(losses.slice(0, 5)));
  });
});

describe('a distillation is refused', () => {
  it.each([
    [{ batchSize: 14 }, '"batchSize" is 14, but the run to resume had 7'],
    [{ steps: [1] }, '"steps" is [1], but the run to resume had [1,2,4]'],
    [{ updates: 4 }, '"updates" is 4, but the run to resume has already taken 6.'],
  ])('where %j differs from the run to resume', async (changes, message) => {
    const { last } = await run(tinyDistillation(), { stopAfter: 6 });
    await expect(run(tinyDistillation(changes), { resume: last })).rejects.toThrow(message);
  });

  it('where the teacher is another than that of the run to resume', async () => {
    const { last } = await run(tinyDistillation(), { stopAfter: 6 });
    const other = run(tinyDistillation(), { resume: last, teacher: tinyTeacher(2) });
    await expect(other).rejects.toThrow(
      'The weights of the teacher, "modern", are not those that this run began with.',
    );
  });

  it.each([
    [{ steps: [1, 1] }, '"steps" is 1,1; give each number of steps once.'],
    [{ regressionUpdates: 11 }, '"regressionUpdates" is 11 of 11 "updates", which leaves none for the matching.'],
    [{ decayUpdates: 9 }, '"decayUpdates" is 9, but only 8 of the "updates" are of the matching.'],
    [{ regressionImages: 15 }, '"regressionImages" is 15, which has to be a multiple of "batchSize", 7.'],
    [{ update: 3 }, 'unknown field "update". Did you mean "updates"?'],
  ])('with %j', (changes, message) => {
    expect(() => tinyDistillation(changes)).toThrow(message);
  });

  it('from a damaged checkpoint', async () => {
    const { last } = await run(tinyDistillation(), { stopAfter: 4 });
    const damaged = last.slice();
    damaged[damaged.length - 5] = (damaged[damaged.length - 5] ?? 0) ^ 1;
    expect(() => decode(damaged)).toThrow('the checksum does not match');
  });
});
