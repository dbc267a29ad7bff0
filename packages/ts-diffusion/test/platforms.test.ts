import { expectTypeOf, test } from 'vitest';
import type * as browserClassifierSource from '../src/browser/platform/classifier-source.js';
import type * as browserDataSource from '../src/browser/platform/data-source.js';
import type * as browserMachine from '../src/browser/platform/machine.js';
import type * as browserModelSource from '../src/browser/platform/model-source.js';
import type * as browserRuntime from '../src/browser/platform/runtime.js';
import type * as browserSha256 from '../src/browser/platform/sha256.js';
import type * as nodeClassifierSource from '../src/node/platform/classifier-source.js';
import type * as nodeDataSource from '../src/node/platform/data-source.js';
import type * as nodeMachine from '../src/node/platform/machine.js';
import type * as nodeModelSource from '../src/node/platform/model-source.js';
import type * as nodeRuntime from '../src/node/platform/runtime.js';
import type * as nodeSha256 from '../src/node/platform/sha256.js';

test('the declarations, which are made for Node, are those of browsers too', () => {
  expectTypeOf<typeof browserClassifierSource>().toEqualTypeOf<typeof nodeClassifierSource>();
  expectTypeOf<typeof browserDataSource>().toEqualTypeOf<typeof nodeDataSource>();
  expectTypeOf<typeof browserMachine>().toEqualTypeOf<typeof nodeMachine>();
  expectTypeOf<typeof browserModelSource>().toEqualTypeOf<typeof nodeModelSource>();
  expectTypeOf<typeof browserRuntime>().toEqualTypeOf<typeof nodeRuntime>();
  expectTypeOf<typeof browserSha256>().toEqualTypeOf<typeof nodeSha256>();
});
