import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeDistillCheckpoint, encodeDistillCheckpoint } from '../../../src/distillation/distill-checkpoint.js';
import { resolveDistillConfig } from '../../../src/distillation/distill-config.js';
import { studentModel } from '../../../src/distillation/student-model.js';
import { studentOf } from '../../../src/distillation/student-network.js';
import { denoiserParameters } from '../../../src/models/denoiser-network.js';
import { DistillFolder } from '../../../src/node/training/distill-folder.js';
import { RunFolder } from '../../../src/node/training/run-folder.js';
import { loadModel } from '../../../src/node/models/load-model.js';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/training/checkpoint-format.js';
import { modelFor } from '../../../src/training/model-for-data.js';
import { RunFolderError } from '../../../src/training/errors.js';
import { WriteError } from '../../../src/utils/errors.js';
import { tinyTeacher } from '../../distillation/tiny-teacher.js';
import { temporaryFolder } from '../../training/folders.js';
import { tinyConfig, tinyDataset } from '../../training/tiny-run.js';

const inFolder = temporaryFolder();

/** A folder of either kind, as far as both do the same. */
interface Folder {
  readonly hasCheckpoint: boolean;
  readCheckpoint(onMessage?: (text: string) => void): { readonly step: number };
  close(): void;
}

interface Kind<Opened extends Folder> {
  readonly config: string;
  /** What the names of its checkpoints begin with. */
  readonly checkpoint: string;
  readonly create: () => Opened;
  readonly resume: () => Opened;
  readonly write: (folder: Opened, step: number) => void;
  readonly encode: (step: number) => Uint8Array;
  readonly stepOf: (file: Uint8Array) => number;
}

function kindOf<Opened extends Folder>(kind: Kind<Opened>): Kind<Folder> {
  return {
    ...kind,
    write: (folder, step) => {
      kind.write(folder as Opened, step);
    },
  };
}

const config = tinyConfig();
const model = modelFor(config, tinyDataset());
const values = new Float32Array(denoiserParameters(model).size);
const state = { parameters: values, ema: values, firstMoment: values, secondMoment: values };
const data = { source: 'tiny images', sha256: 'ab'.repeat(32) };
const training = kindOf({
  ...{ config: 'config.json', checkpoint: 'checkpoint' },
  create: () => RunFolder.create(inFolder('run'), config),
  resume: () => RunFolder.resume(inFolder('run')),
  write: (folder, step) => {
    folder.writeCheckpoint({ step, config, model, data, state });
  },
  encode: (step) => encodeCheckpoint({ step, config, model, data, state }),
  stepOf: (file) => decodeCheckpoint(file, 'it').step,
});

const distilled = resolveDistillConfig({ updates: 20, batchSize: 4, regressionUpdates: 1, regressionImages: 4 });
const student = studentOf(tinyTeacher(), distilled.largestGuidanceWeight, 1);
const { parameters } = student;
const ofStudent = { parameters, ema: parameters, firstMoment: parameters, secondMoment: parameters };
const distillCheckpoint = (step: number) => ({
  ...{ step, config: distilled, model: student.model, teacher: 'ab'.repeat(32) },
  state: { student: ofStudent, fake: ofStudent, drawn: undefined },
});
const distillation = kindOf({
  ...{ config: 'distill.json', checkpoint: 'distillation' },
  create: () => DistillFolder.create(inFolder('run'), distilled),
  resume: () => DistillFolder.resume(inFolder('run')),
  write: (folder, step) => {
    folder.writeCheckpoint(distillCheckpoint(step), studentModel(tinyTeacher(), student, distilled));
  },
  encode: (step) => encodeDistillCheckpoint(distillCheckpoint(step)),
  stepOf: (file) => decodeDistillCheckpoint(file, 'it').step,
});

describe.each([
  ['training', training],
  ['distillation', distillation],
])('the folder of a %s', (_kind, kind) => {
  const { checkpoint, create, resume, write, encode, stepOf } = kind;
  const names = ['next', 'current', 'previous'] as const;
  const pathOf = (name: (typeof names)[number]): string =>
    inFolder(`run/${checkpoint}${name === 'current' ? '' : `.${name}`}.safetensors`);
  type Steps = Readonly<Record<(typeof names)[number], number | null | undefined>>;

  /** A folder whose files hold these steps, undefined: are damaged, null: are not there. */
  function folderOf(steps: Steps): Folder {
    create().close();
    for (const name of names) {
      const step = steps[name];
      if (step !== null) writeFileSync(pathOf(name), step === undefined ? 'damaged' : encode(step));
    }
    return resume();
  }
  const steps = (): unknown =>
    Object.fromEntries(
      names.map((name) => [name, existsSync(pathOf(name)) ? stepOf(readFileSync(pathOf(name))) : undefined]),
    );

  test.each([
    ['before both renames', { next: 9, current: 6, previous: 3 }, { next: undefined, current: 9, previous: 6 }],
    ['between them', { next: 9, current: null, previous: 6 }, { next: undefined, current: 9, previous: 6 }],
    [
      'beside a damaged one',
      { next: 9, current: undefined, previous: 3 },
      { next: undefined, current: 9, previous: 3 },
    ],
    ['in no way', { next: null, current: 9, previous: 6 }, { next: undefined, current: 9, previous: 6 }],
  ])('gives a checkpoint its place that a kill left under its first name: %s', (_, left, expected) => {
    const folder = folderOf(left);
    expect(folder.readCheckpoint().step).toBe(9);
    expect(steps()).toEqual(expected);
    write(folder, 12);
    expect(steps()).toEqual({ next: undefined, current: 12, previous: 9 });
    folder.close();
  });

  test('keeps the last checkpoint before a damaged one until there are two whole ones', () => {
    const folder = folderOf({ next: null, current: undefined, previous: 6 });
    const messages: string[] = [];
    expect(folder.readCheckpoint((text) => messages.push(text)).step).toBe(6);
    expect(messages).toEqual([
      expect.stringMatching(`: not a valid .* Using ${checkpoint}.previous.safetensors instead, of step 6.$`),
    ]);
    write(folder, 9);
    expect(steps()).toEqual({ next: undefined, current: 9, previous: 6 });
    write(folder, 12);
    expect(steps()).toEqual({ next: undefined, current: 12, previous: 9 });
    folder.close();
  });

  test('is not written to once its lock is lost, not even to rename a checkpoint', () => {
    const left = { next: 9, current: 6, previous: 3 };
    const folder = folderOf(left);
    rmSync(inFolder('run/run.lock'));
    expect(() => folder.readCheckpoint()).toThrow(RunFolderError);
    expect(() => {
      write(folder, 12);
    }).toThrow(RunFolderError);
    expect(steps()).toEqual(left);
  });

  test('is cleaned of what a killed process left half written', () => {
    create().close();
    const leftover = inFolder(`run/.${checkpoint}.next.safetensors.4711-0.tmp`);
    writeFileSync(leftover, 'half');
    resume().close();
    expect(existsSync(leftover)).toBe(false);
  });

  test('is used again where the run ended before it began, and never afterwards', () => {
    create().close();
    rmSync(inFolder(`run/${kind.config}`));
    create().close();
    create().close();
    writeFileSync(inFolder('run/metrics.jsonl'), '');
    expect(create).toThrow(/already contains a run.*--resume/);
    rmSync(inFolder('run/metrics.jsonl'));
    writeFileSync(pathOf('previous'), 'damaged');
    expect(create).toThrow(/already contains a run.*--resume/);
  });

  test('is refused where there are other things, and where it cannot be written', () => {
    mkdirSync(inFolder('run'));
    writeFileSync(inFolder('run/letter.txt'), 'dear');
    expect(create).toThrow(/run: this folder is not empty/);
    rmSync(inFolder('run'), { recursive: true });
    writeFileSync(inFolder('run'), '');
    expect(create).toThrow(/run: cannot be used as a run folder/);
    rmSync(inFolder('run'));
    mkdirSync(inFolder('run'));
    writeFileSync(inFolder('run/samples'), '');
    expect(create).toThrow(WriteError);
  });
});

test('a checkpoint of a distillation that cannot be written leaves no older student beside a newer checkpoint', () => {
  const folder = DistillFolder.create(inFolder('run'), distilled);
  const model = studentModel(tinyTeacher(), student, distilled);
  folder.writeCheckpoint(distillCheckpoint(3), model);
  mkdirSync(inFolder('run/distillation.next.safetensors'));
  expect(() => {
    folder.writeCheckpoint(distillCheckpoint(6), model);
  }).toThrow(/cannot write .*distillation\.next/);
  folder.close();
  expect(decodeDistillCheckpoint(readFileSync(inFolder('run/distillation.safetensors')), 'it').step).toBe(3);
  expect(loadModel(inFolder('run')).step).toBe(6);
});
