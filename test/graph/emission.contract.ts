import { afterAll, describe, expect, it } from 'vitest';
import type { LoweringTarget } from '../../src/graph/emission.js';
import { lower } from '../../src/graph/lowering.js';
import type { Runtime } from '../../src/runtime/types.js';
import { caseFeeds, caseInputs } from './cases.js';
import { primitiveCases, type PrimitiveCase } from './primitive-cases.js';
import { evaluate } from './reference-interpreter.js';

async function run(runtime: Runtime, target: LoweringTarget, each: PrimitiveCase): Promise<void> {
  const inputs = caseInputs(each);
  const output = each.build(...inputs);
  const feeds = caseFeeds(each);
  const program = await runtime.compile({ model: lower({ output }, { name: 'case', target }) });
  try {
    const result = await program.run(
      Object.fromEntries(
        inputs.map((tensor) => {
          const name = String(tensor.attributes['name']);
          return [name, { dtype: 'float32', shape: tensor.shape, data: Float32Array.from(feeds[name] ?? []) }];
        }),
      ),
    );
    const [expected = new Float64Array()] = evaluate([output], feeds);
    expect(Float64Array.from(result['output']?.data as Float32Array)).toBeCloseToTensor(expected, {
      rtol: 2e-5,
      atol: 5e-6,
    });
    expect(result['output']?.shape).toEqual(output.shape);
  } finally {
    await program.dispose();
  }
}

/** Every primitive, as the runtime computes it, against the reference interpreter. */
export function describeEmission(
  name: string,
  createRuntime: () => Promise<Runtime>,
  targets: Readonly<Record<string, LoweringTarget>>,
): void {
  describe(name, () => {
    let created: Promise<Runtime> | undefined;
    const runtime = (): Promise<Runtime> => (created ??= createRuntime());
    afterAll(() => {
      created = undefined;
    });
    describe.each(Object.entries(targets))('%s', (_layout, target) => {
      it.each(Object.entries(primitiveCases))('%s', async (_primitive, cases) => {
        expect(cases.length).toBeGreaterThan(0);
        for (const each of cases) await run(await runtime(), target, each);
      });
    });
  });
}
