import { expectTypeOf, test } from 'vitest';

/** What a platform file exports, as values. */
type Browser = {
  readonly 'classifier-source': typeof import('../src/browser/platform/classifier-source.js');
  readonly 'data-source': typeof import('../src/browser/platform/data-source.js');
  readonly machine: typeof import('../src/browser/platform/machine.js');
  readonly 'model-source': typeof import('../src/browser/platform/model-source.js');
  readonly runtime: typeof import('../src/browser/platform/runtime.js');
  readonly sha256: typeof import('../src/browser/platform/sha256.js');
};
type Node = {
  readonly 'classifier-source': typeof import('../src/node/platform/classifier-source.js');
  readonly 'data-source': typeof import('../src/node/platform/data-source.js');
  readonly machine: typeof import('../src/node/platform/machine.js');
  readonly 'model-source': typeof import('../src/node/platform/model-source.js');
  readonly runtime: typeof import('../src/node/platform/runtime.js');
  readonly sha256: typeof import('../src/node/platform/sha256.js');
};

test('the declarations, which are made for Node, are those of browsers too', () => {
  expectTypeOf<Browser>().toEqualTypeOf<Node>();
});
