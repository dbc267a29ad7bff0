/**
 * Takes three steps of least squares on webgpu and prints, for each run of a step as the library saw it, where the state it
 * was fed and the state it returned were, and by how much the parameters differ from those trained on the cpu; for
 * webgpu-state.test.ts, which sets this process's environment.
 */
import type { Tensor as DeviceTensor } from 'onnxruntime-common';
import ort from 'onnxruntime-node';
import { input, matmul, mul, reduceSum, sub, type Tensor } from '../../src/graph/index.js';
import { ParameterLayout, type ParameterScope } from '../../src/nn/parameters.js';
import { maximumDifference } from '../../src/diagnostics/self-test.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { HostTensor, Runtime } from '../../src/runtime/types.js';
import { initialState, OptimizerSession } from '../../src/training/optimizer-session.js';
import { nextOf, STATE_NAMES, type Objective } from '../../src/training/optimizer-step.js';

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

type Run = (feeds: Record<string, DeviceTensor>, ...rest: unknown[]) => Promise<Record<string, DeviceTensor>>;

const [ROWS, COLUMNS] = [4, 3];
const weights = (parameters: ParameterScope): Tensor =>
  parameters.get('weights', { shape: [COLUMNS, 1], initialBound: 1 });
const leastSquares: Objective = {
  layout: new ParameterLayout(weights),
  loss: (parameters) => {
    const error = sub(matmul(input('x', [ROWS, COLUMNS]), weights(parameters)), input('y', [ROWS, 1]));
    return reduceSum(mul(error, error), [0, 1]);
  },
};

const values = (shape: readonly number[]): HostTensor => {
  const size = shape.reduce((a, b) => a * b);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1)) };
};

async function train(runtime: Runtime): Promise<Float32Array> {
  const session = await OptimizerSession.create(runtime, leastSquares, { name: 'least_squares' });
  session.writeState(initialState(leastSquares.layout, 0));
  for (let step = 1; step <= 3; step++) {
    await session.step(
      { x: values([ROWS, COLUMNS]), y: values([ROWS, 1]) },
      { step, learningRate: 0.01, emaDecay: 0.9 },
    );
  }
  return (await session.readState()).parameters;
}

const cpu = await train(await createNodeRuntime({ device: 'cpu', threads: 1 }));

const sessions = ort.InferenceSession as unknown as { prototype: { run: Run } };
const { run } = sessions.prototype;
const observed: ObservedRun[] = [];
let before: Record<string, DeviceTensor> = {};
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

const webgpu = await train(await createNodeRuntime({ device: 'webgpu' }));
const observation: Observation = { runs: observed, difference: maximumDifference(cpu, webgpu) };
process.stdout.write(JSON.stringify(observation));
