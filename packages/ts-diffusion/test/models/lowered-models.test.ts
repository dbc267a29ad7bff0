import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../../src/onnx/schema.js';
import { lowerModels, readLoweredModelsGolden } from '../golden/lowered-models.js';

const golden = readLoweredModelsGolden();

/** Of everything but the version of this package, which each model names. */
function hashOf(model: Uint8Array): string {
  return createHash('sha256')
    .update(encodeModel({ ...decodeModel(model), producerVersion: '' }))
    .digest('hex');
}

describe(`every model is byte for byte what ${golden.origin.program} wrote`, () => {
  it.each(['cpu', 'wasm', 'webgpu'] as const)('for %s', (target) => {
    const hashes = Object.entries(lowerModels(target)).map(([name, model]) => [name, hashOf(model)]);
    expect(Object.fromEntries(hashes)).toEqual(golden.sha256[target]);
  });
});
