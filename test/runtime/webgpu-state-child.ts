/**
 * Trains three steps of two networks on webgpu and prints, for each run of a training step as the library saw it, where the
 * state it was fed and the state it returned were, and by how much the parameters differ from those trained on the cpu; for
 * webgpu-state.test.ts, which sets this process's environment.
 */
import type { Tensor } from 'onnxruntime-common';
import ort from 'onnxruntime-node';
import { maximumDifference, trainTinySteps } from '../../src/pipeline/self-test.js';
import { createNodeRuntime } from '../../src/runtime/node.js';
import { nextOf, STATE_NAMES } from '../../src/training/optimizer-step.js';

export interface ObservedRun {
  readonly fed: readonly string[];
  readonly returned: readonly string[];
  /** Whether the very tensors that the run before returned were fed, none of them by way of the host. */
  readonly passedOn: boolean;
}

export interface Observation {
  readonly runs: readonly ObservedRun[];
  /** The largest between a parameter trained on webgpu and on the cpu. */
  readonly difference: number;
}

type Run = (feeds: Record<string, Tensor>, ...rest: unknown[]) => Promise<Record<string, Tensor>>;

const cpu = await trainTinySteps(await createNodeRuntime({ device: 'cpu', threads: 1 }));

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

const webgpu = await trainTinySteps(await createNodeRuntime({ device: 'webgpu' }));
const observation: Observation = { runs: observed, difference: maximumDifference(cpu, webgpu) };
process.stdout.write(JSON.stringify(observation));
