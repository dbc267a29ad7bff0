import { describe, expect, test } from 'vitest';
import { decodeNpz } from '../../../src/node/data/npz.js';
import { DataError } from '../../../src/utils/errors.js';
import { goldenNpz } from '../../golden/npz.js';

const fileOf = (name: Exclude<keyof typeof goldenNpz, 'planes' | 'gray'>) => Buffer.from(goldenNpz[name], 'base64');

describe('an .npz file', () => {
  test.each(['medmnist', 'stored'] as const)('in the layout of MedMNIST, %s', (name) => {
    const train = decodeNpz(fileOf(name), 'a.npz', 'train');
    expect([...train.images]).toEqual(goldenNpz.planes);
    // The class 4 is among the test images alone.
    expect(train).toMatchObject({ count: 4, height: 2, width: 3, channels: 3, classes: 5 });
    expect([...train.labels]).toEqual([0, 2, 1, 0]);
    const held = decodeNpz(fileOf(name), 'a.npz', 'test');
    expect([...held.images]).toEqual(goldenNpz.planes.slice(2 * 18));
    expect([held.classes, [...held.labels]]).toEqual([5, [4, 0]]);
    const validation = decodeNpz(fileOf(name), 'a.npz', 'validation');
    expect([...validation.images]).toEqual(goldenNpz.planes.slice(0, 18));
    expect([validation.classes, [...validation.labels]]).toEqual([5, [1]]);
  });

  test('in the layout of Keras, with 64-bit labels', () => {
    const data = decodeNpz(fileOf('keras'), 'a.npz', 'train');
    expect([...data.images]).toEqual(goldenNpz.gray);
    expect([data.channels, data.classes, [...data.labels]]).toEqual([undefined, 8, [7, 0, 3]]);
    expect(decodeNpz(fileOf('keras'), 'a.npz', 'test').count).toBe(1);
  });

  test('without labels: one class', () => {
    const data = decodeNpz(fileOf('unlabelled'), 'a.npz', 'train');
    expect([data.classes, [...data.labels]]).toEqual([1, [0, 0, 0]]);
  });

  test.each<[Parameters<typeof fileOf>[0], string]>([
    ['float', 'a.npz, array images: values of type <f8; expected integers, images as uint8'],
    ['several', 'a.npz, array train_labels: shape (3, 14); expected one label per image, [N] or [N, 1]'],
    ['volumes', 'a.npz, array train_images: shape (2, 9, 9, 9); expected images as [N, height, width]'],
    ['negative', 'a.npz, array labels: label -1 of image 1; expected 0 to 255'],
    ['fortran', "a.npz, array images: it is in Fortran's order; save it by numpy.ascontiguousarray"],
    ['uneven', 'a.npz (train split): 3 images but 2 labels'],
    ['other', 'contains no images of the train split (arrays: weights); expected train_images or x_train or images'],
  ])('%s is refused', (name, message) => {
    const decode = () => decodeNpz(fileOf(name), 'a.npz', 'train');
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(message);
  });

  test('cut short, or with any byte changed: read as it was, or refused in words', () => {
    const file = fileOf('medmnist');
    const whole = decodeNpz(file, 'a.npz', 'train');
    for (let length = 0; length < file.length; length += 7) {
      expect(() => decodeNpz(file.subarray(0, length), 'a.npz', 'train')).toThrow(DataError);
    }
    for (let at = 0; at < file.length; at++) {
      const changed = Uint8Array.from(file);
      changed[at] = (changed[at] as number) ^ 0xff;
      try {
        expect(decodeNpz(changed, 'a.npz', 'train')).toEqual(whole);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
      }
    }
  });
});
