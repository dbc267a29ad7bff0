import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { runContract } from './contract.js';

/** Prints the results of the contract on webgpu as JSON, for node-webgpu.test.ts, which sets this process's environment. */
const runtime = await createNodeRuntime({ device: 'webgpu' });
process.stdout.write(JSON.stringify(await runContract(runtime)));
