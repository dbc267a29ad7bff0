import { createHash } from 'node:crypto';
import fs, { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, test } from 'vitest';
import { denoiserParameters } from '../../../src/models/denoiser-network.js';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../../src/training/checkpoint-format.js';
import { readCheckpoint, readCheckpointFile, runCheckpoints } from '../../../src/node/training/checkpoint.js';
import { decodeSafetensors, encodeSafetensors } from '../../../src/formats/safetensors.js';
import { encodeWithDigest } from '../../../src/formats/safetensors-digest.js';
import { modelFor } from '../../../src/training/model-for-data.js';
import { CheckpointError } from '../../../src/utils/errors.js';
import { RandomStream } from '../../../src/utils/random.js';
import { asOrdinaryUser, temporaryFolder } from '../../training/folders.js';
import { tinyConfig, tinyDataset } from '../../training/tiny-run.js';

const inFolder = temporaryFolder();
const config = tinyConfig();
const model = modelFor(config, tinyDataset());
const { size } = denoiserParameters(model);

function vector(seed: number): Float32Array {
  const values = new Float32Array(size);
  new RandomStream(seed).fillNormal(values);
  return values;
}

function checkpointOf(step: number): Checkpoint {
  return {
    step,
    config,
    model,
    data: { source: 'tiny images', sha256: 'ab'.repeat(32) },
    state: { parameters: vector(1), firstMoment: vector(2), secondMoment: vector(3), ema: vector(4) },
  };
}

function checkpointsHere() {
  const set = runCheckpoints(inFolder(''));
  return { set, files: set.files };
}

test('what is read is what was written, to the bit', () => {
  expect(decodeCheckpoint(encodeCheckpoint(checkpointOf(7)), 'f')).toEqual(checkpointOf(7));
});

test("tensors carry PyTorch's names and shapes; the metadata say what the run was", () => {
  const { tensors, metadata } = decodeSafetensors(encodeCheckpoint(checkpointOf(7)), 'f');
  for (const prefix of ['model.', 'ema.', 'adam.first_moment.', 'adam.second_moment.']) {
    expect(tensors.get(`${prefix}down1.conv1.weight`)?.shape).toEqual([4, 1, 3, 3]);
    expect(tensors.get(`${prefix}upsample1.weight`)?.shape).toEqual([16, 8, 2, 2]);
  }
  expect(metadata).toMatchObject({ step: '7', seed: '5' });
  expect(JSON.parse(metadata['config'] ?? '')).toEqual(config);
});

test('the digest is the SHA-256 of the file with zeros in its place', () => {
  const file = Buffer.from(encodeCheckpoint(checkpointOf(7)));
  const { sha256 = '' } = decodeSafetensors(file, 'f').metadata;
  file.write('0'.repeat(64), file.indexOf(sha256), 'latin1');
  expect(sha256).toBe(createHash('sha256').update(file).digest('hex'));
});

describe('a damaged checkpoint', () => {
  test('is detected wherever one bit is flipped', () => {
    const file = encodeCheckpoint(checkpointOf(7));
    const headerEnd = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
    const headerPlaces = Array.from({ length: Math.floor(headerEnd / 61) }, (_, i) => i * 61);
    const dataPlaces = Array.from(
      { length: 40 },
      (_, i) => headerEnd + Math.floor((i * (file.length - headerEnd)) / 40),
    );
    for (const place of [...headerPlaces, ...dataPlaces, file.length - 1]) {
      const damaged = file.slice();
      damaged[place] = (damaged[place] as number) ^ 1;
      expect(() => decodeCheckpoint(damaged, 'damaged'), `byte ${place}`).toThrow(/^damaged: /);
    }
  });

  test('another safetensors file is told apart', () => {
    expect(() => decodeCheckpoint(encodeSafetensors(new Map()), 'f')).toThrow(/not a checkpoint of this program/);
  });
});

describe('the files of a folder', () => {
  test('the newest is used, and the one before is kept', () => {
    const { files, set } = checkpointsHere();
    for (const step of [1, 2, 3]) set.write(checkpointOf(step));
    expect(readCheckpoint(inFolder('')).step).toBe(3);
    expect(decodeCheckpoint(readFileSync(files.previous), 'f').step).toBe(2);
    expect(existsSync(files.next)).toBe(false);
  });

  test('a truncated or damaged one is passed over, saying so', () => {
    const { files, set } = checkpointsHere();
    for (const step of [1, 2]) set.write(checkpointOf(step));
    const whole = readFileSync(files.current);
    for (const damage of [
      whole.subarray(0, whole.length / 2),
      Buffer.alloc(0),
      Buffer.concat([whole.subarray(0, -1), Buffer.of(1)]),
    ]) {
      writeFileSync(files.current, damage);
      const messages: string[] = [];
      expect(readCheckpoint(inFolder(''), (text) => messages.push(text)).step).toBe(1);
      expect(messages).toHaveLength(1);
      expect(messages[0]).toContain(`${files.current}: `);
      expect(messages[0]).toContain('Using checkpoint.previous.safetensors instead, of step 1.');
    }
  });

  test('one that was complete when the process died, but not yet renamed, is used', () => {
    const { files, set } = checkpointsHere();
    set.write(checkpointOf(1));
    renameSync(files.current, files.previous);
    writeFileSync(files.next, encodeCheckpoint(checkpointOf(2)));
    expect(readCheckpoint(inFolder('')).step).toBe(2);
  });

  test('without a usable one the error names each and its fault', () => {
    const { files } = checkpointsHere();
    expect(() => readCheckpoint(inFolder(''))).toThrow(`${files.current}: no such checkpoint.`);
    writeFileSync(files.current, 'x');
    writeFileSync(files.previous, 'y');
    expect(() => readCheckpoint(inFolder(''))).toThrow(
      /checkpoint\.safetensors: not a valid.*checkpoint\.previous\.safetensors: not/,
    );
  });

  test('one that cannot be read is passed over, saying so', () => {
    const { files, set } = checkpointsHere();
    set.write(checkpointOf(1));
    mkdirSync(files.next);
    const messages: string[] = [];
    expect(readCheckpoint(inFolder(''), (text) => messages.push(text)).step).toBe(1);
    expect(messages).toEqual([expect.stringMatching(/checkpoint\.next\.safetensors: cannot be read \(EISDIR/)]);
  });

  test('a checkpoint that cannot be written leaves the others as they were', () => {
    const { files, set } = checkpointsHere();
    set.write(checkpointOf(1));
    mkdirSync(files.next);
    expect(() => {
      set.write(checkpointOf(2));
    }).toThrow(/cannot write .*checkpoint\.next/);
    expect(decodeCheckpoint(readFileSync(files.current), 'f').step).toBe(1);
  });

  test.skipIf(process.platform === 'win32')(
    'one that may not be read is one clear error, not an older checkpoint',
    () => {
      const { files, set } = checkpointsHere();
      for (const step of [1, 2]) set.write(checkpointOf(step));
      chmodSync(files.current, 0);
      chmodSync(inFolder(''), 0o755);
      asOrdinaryUser(() => {
        for (const read of [() => readCheckpoint(inFolder('')), () => readCheckpointFile(files.current)]) {
          expect(read).toThrow(CheckpointError);
          expect(read).toThrow(`${files.current}: cannot be read (permission denied; make it readable for you).`);
        }
      });
    },
  );

  describe('are read while another process rotates them', () => {
    const original = fs.readFileSync;
    afterEach(() => {
      Object.assign(fs, { readFileSync: original });
      syncBuiltinESMExports();
    });

    /** Does something right before `path` is read for the first time, as another process may. */
    function before(path: string, action: () => void): void {
      let done = false;
      const read = (...args: Parameters<typeof original>): unknown => {
        if (!done && args[0] === path) {
          done = true;
          action();
        }
        return original(...args);
      };
      Object.assign(fs, { readFileSync: read });
      syncBuiltinESMExports();
    }

    test('in the middle of a rotation the one that was current is found', () => {
      const { files, set } = checkpointsHere();
      set.write(checkpointOf(1));
      before(files.current, () => {
        renameSync(files.current, files.previous);
      });
      expect(readCheckpoint(inFolder('')).step).toBe(1);
    });

    test('the next one that becomes the current one is found', () => {
      const { files, set } = checkpointsHere();
      set.write(checkpointOf(1));
      renameSync(files.current, files.next);
      before(files.next, () => {
        renameSync(files.next, files.current);
      });
      expect(readCheckpoint(inFolder('')).step).toBe(1);
    });

    test.each(['next', 'current'] as const)("a run's first is found, even where it appears late as the %s", (name) => {
      const { files } = checkpointsHere();
      before(files.previous, () => {
        writeFileSync(files[name], encodeCheckpoint(checkpointOf(1)));
      });
      expect(readCheckpoint(inFolder('')).step).toBe(1);
    });
  });
});

describe('metadata that are wrong under a checksum that is right', () => {
  const { tensors, metadata } = decodeSafetensors(encodeCheckpoint(checkpointOf(7)), 'f');
  const withField = (name: string, text: string): Uint8Array => {
    return encodeWithDigest(tensors, { ...metadata, [name]: text });
  };
  const changed = (name: string, change: object): Uint8Array =>
    withField(name, JSON.stringify({ ...(JSON.parse(metadata[name] ?? '') as object), ...change }));

  test.each<[string, Uint8Array, string]>([
    ['no JSON', withField('config', '{'), '"config" in the metadata is not JSON'],
    ['nested a million deep', withField('data', '['.repeat(1e6)), 'nested more than 127 deep'],
    ['another kind', withField('model', 'null'), '"model": Invalid input'],
    ['no step', withField('step', '-1'), 'Too small'],
    ['a step with a fraction', withField('step', '1.5'), 'expected int'],
    ['an unknown network', changed('model', { architecture: 'transformer' }), '"model.architecture"'],
    ['a billion features', changed('model', { channels: [4, 1e9, 16] }), '"model.channels.1": Too big'],
    ['features that the file has no room for', changed('model', { channels: [8192, 8192, 8192] }), 'has shape'],
    ['a size that cannot be halved', changed('model', { imageSize: 7 }), 'cannot be halved'],
    ['a configuration that contradicts itself', changed('config', { samplingSteps: 500 }), '"samplingSteps" is 500'],
    ['no source', withField('data', '{"sha256":"00"}'), 'source'],
    [
      'classes beyond those of the network',
      changed('data', { seenClasses: [3, 10] }),
      'has class 10 of a network of 10',
    ],
    ['names of fewer classes', changed('data', { classNames: ['cat', 'dog'] }), 'has 2 names for 10 classes'],
  ])('%s', (_, file, message) => {
    const decode = () => decodeCheckpoint(file, 'run/checkpoint.safetensors');
    expect(decode).toThrow(CheckpointError);
    expect(decode).toThrow(/^run\/checkpoint\.safetensors: not a checkpoint that this program wrote: /);
    expect(decode).toThrow(message);
  });

  test('the classes that were seen and the names of all survive', () => {
    const classNames = Array.from({ length: 10 }, (_, i) => `名 ${i}`);
    const data = { source: 'x', sha256: 'ab'.repeat(32), seenClasses: [3, 7], classNames };
    expect(decodeCheckpoint(encodeCheckpoint({ ...checkpointOf(7), data }), 'f').data).toEqual(data);
  });

  test('more than the file has room for takes no memory', () => {
    const before = process.resourceUsage().maxRSS;
    expect(() => decodeCheckpoint(changed('model', { channels: Array(8).fill(8192), imageSize: 1024 }), 'f')).toThrow();
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000); // KiB
  });
});
