import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MeanState } from '../../src/training/mean-state.js';
import { type OuterState, outerStep } from '../../src/training/outer-step.js';
import { RandomStream } from '../../src/utils/random.js';

interface Golden {
  readonly rate: number;
  readonly momentum: number;
  readonly begin: readonly number[];
  readonly rounds: readonly {
    readonly replicas: readonly (readonly number[])[];
    readonly weights: readonly number[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL('../golden/outer-step.json', import.meta.url), 'utf8')) as Golden;

/** A replica of which only the weights count. */
const state = (parameters: Float32Array) => ({
  ...{ parameters, ema: parameters, firstMoment: parameters, secondMoment: parameters },
});

function meanOf(replicas: readonly (readonly number[])[]): Float64Array {
  const mean = new MeanState(replicas[0]?.length ?? 0);
  for (const each of replicas) mean.add(state(Float32Array.from(each)));
  return mean.of('parameters');
}

describe('the outer step', () => {
  test("is that of PyTorch's SGD with Nesterov's momentum", () => {
    const options = { outerLearningRate: golden.rate, outerMomentum: golden.momentum };
    let outer: OuterState = {
      parameters: Float32Array.from(golden.begin),
      momentum: new Float32Array(golden.begin.length),
    };
    expect(golden.rounds).toHaveLength(5);
    for (const { replicas, weights } of golden.rounds) {
      outer = outerStep(outer, meanOf(replicas), options);
      expect(outer.parameters).toBeCloseToTensor(Float32Array.from(weights), { rtol: 1e-6, atol: 1e-6 });
    }
  });

  test('of two replicas, by hand', () => {
    const outer = { parameters: Float32Array.of(1, -2), momentum: Float32Array.of(0.5, 0) };
    const next = outerStep(
      outer,
      meanOf([
        [0, -1],
        [1, -3],
      ]),
      { outerLearningRate: 0.5, outerMomentum: 0.25 },
    );
    // g = (1 - 0.5, -2 - -2); b = 0.25 * (0.5, 0) + g; weights - 0.5 * (g + 0.25 * b)
    expect([...next.momentum]).toEqual([0.625, 0]);
    expect([...next.parameters]).toEqual([1 - 0.5 * (0.5 + 0.25 * 0.625), -2]);
  });

  test('with learning rate 1 and no momentum is the mean, of one replica its bits', () => {
    const random = new RandomStream(1);
    // Differences of such numbers are not exact in float64.
    const numbers = (): Float32Array =>
      Float32Array.from({ length: 1000 }, () => (random.uniform() - 0.5) * 10 ** (40 * random.uniform() - 30));
    const mean = new MeanState(1000);
    const replica = numbers();
    mean.add(state(replica));
    const outer = { parameters: numbers(), momentum: new Float32Array(1000) };
    const next = outerStep(outer, mean.of('parameters'), { outerLearningRate: 1, outerMomentum: 0 });
    expect(next.parameters).toEqual(replica);
  });
});
