import { expect, test } from 'vitest';
import { areKnownDigits, EMBEDDED_SHA256, MNIST_SHA256 } from '../../src/data/mnist.js';
import { loadEmbeddedDigits } from '../../src/node/data/embedded.js';

test('the digits in the package are known by their hash, and others are not', async () => {
  const { sha256 } = await loadEmbeddedDigits();
  expect(sha256).toBe(EMBEDDED_SHA256);
  expect([sha256, MNIST_SHA256, 'ab'.repeat(32)].map(areKnownDigits)).toEqual([true, true, false]);
});
