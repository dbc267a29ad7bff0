/**
 * Trains three steps on webgpu and prints, for each run of the training step as the library saw it, where the state it was
 * fed and the state it returned were; for webgpu-state.test.ts, which sets this process's environment.
 */
import type { Tensor } from 'onnxruntime-common';
import ort from 'onnxruntime-node';
import { trainTinySteps } from '../../src/pipeline/self-test.js';
import { createNodeRuntime } from '../../src/runtime/node.js';
import { nextOf, STATE_NAMES } from '../../src/training/optimizer-step.js';

export interface ObservedRun {
  readonly fed: readonly string[];
  readonly returned: readonly string[];
  /** Whether the very tensors that the run before returned were fed, none of them by way of the host. */
  readonly passedOn: boolean;
}

type Run = (feeds: Record<string, Tensor>, ...rest: unknown[]) => Promise<Record<string, Tensor>>;

const sessions = ort.InferenceSession as unknown as { prototype: { run: Run } };
const { run } = sessions.prototype;
const observed: ObservedRun[] = [];
let before: Record<string, Tensor> = {};
sessions.prototype.run = async function (feeds, ...rest) {
  const fed = STATE_NAMES.map((name) => feeds[name]);
  const locations = fed.map((tensor) => String(tensor?.location));
  const results = await run.call(this, feeds, ...rest);
  if (!fed.includes(undefined)) {
    observed.push({
      fed: locations,
      returned: STATE_NAMES.map((name) => String(results[nextOf(name)]?.location)),
      passedOn: STATE_NAMES.every((name) => feeds[name] === before[nextOf(name)]),
    });
    before = results;
  }
  return results;
};

await trainTinySteps(await createNodeRuntime({ device: 'webgpu' }));
process.stdout.write(JSON.stringify(observed));
