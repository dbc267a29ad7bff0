import { loweringTarget, type Operation } from '../../src/graph/index.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { runEmission, type EmissionResult } from './emission.contract.js';
import { primitiveCases } from './primitive-cases.js';

/** Prints the results of every primitive on webgpu as JSON, for emission-webgpu.test.ts, which sets the environment. */
const runtime = await createNodeRuntime({ device: 'webgpu' });
const results: Record<string, EmissionResult[] | string> = {};
for (const primitive of Object.keys(primitiveCases) as Operation[]) {
  results[primitive] = await runEmission(runtime, loweringTarget('webgpu', 'training'), primitive).catch(
    (error: unknown) => String(error),
  );
}
process.stdout.write(JSON.stringify(results));
