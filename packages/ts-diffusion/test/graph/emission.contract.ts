import { lower, type LoweringTarget, type Operation } from '../../src/graph/index.js';
import type { Runtime } from '../../src/runtime/types.js';
import { caseFeeds, caseInputs } from './cases.js';
import type { PrimitiveCase } from './primitive-case.js';
import { primitiveCases } from './primitive-cases.js';
import { evaluate } from './reference-interpreter.js';

/** What the runtime made of a case, beside the reference interpreter's result in float64. */
export interface EmissionResult {
  readonly actual: { readonly shape: readonly number[]; readonly values: readonly number[] };
  readonly expected: { readonly shape: readonly number[]; readonly values: readonly number[] };
}

/** Runs the cases of a primitive through lowering and runtime. */
export async function runEmission(
  runtime: Runtime,
  target: LoweringTarget,
  primitive: Operation,
): Promise<EmissionResult[]> {
  const results: EmissionResult[] = [];
  for (const each of primitiveCases[primitive]) results.push(await runCase(runtime, target, each));
  return results;
}

async function runCase(runtime: Runtime, target: LoweringTarget, each: PrimitiveCase): Promise<EmissionResult> {
  const inputs = caseInputs(each);
  const output = each.build(...inputs);
  const feeds = caseFeeds(each);
  const program = await runtime.compile({ model: lower({ output }, { name: 'case', target }) });
  try {
    const result = await program.run(
      Object.fromEntries(
        inputs.map(({ attributes: { name, shape } }) => [
          name,
          { dtype: 'float32', shape, data: Float32Array.from(feeds[name] ?? []) },
        ]),
      ),
    );
    const actual = result['output'];
    return {
      actual: { shape: actual?.shape ?? [], values: Array.from(actual?.data ?? [], Number) },
      expected: { shape: output.shape, values: Array.from(evaluate([output], feeds)[0] ?? []) },
    };
  } finally {
    await program.dispose();
  }
}
