import { beforeAll, describe, expect, it } from 'vitest';
import { studentOf } from '../../src/distillation/student-network.js';
import { gradients, input, mean, square } from '../../src/graph/index.js';
import { denoise, denoiserParameters, guidanceInput } from '../../src/models/denoiser-network.js';
import { buildDenoiser } from '../../src/models/denoiser-program.js';
import { keepAll } from '../../src/nn/dropout.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { Runtime } from '../../src/runtime/types.js';
import { evaluate } from '../graph/reference-interpreter.js';
import { tinyUNet } from '../pipeline/tiny-model.js';
import { tinyTeacher } from './tiny-teacher.js';

const teacher = tinyTeacher();
const student = studentOf(teacher, 3, 0);
const images = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.sin(i));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ device: 'cpu', threads: 1 });
});

const float = (shape: number[], data: ArrayLike<number>) =>
  ({ dtype: 'float32', shape, data: Float32Array.from(data) }) as const;

/** The prediction for two images, where the network takes guidance weights with these. */
async function predict(
  {
    model,
    parameters,
  }: Pick<typeof student, 'parameters'> & { readonly model: Parameters<typeof denoiserParameters>[0] },
  weights?: number[],
): Promise<Float32Array> {
  const program = await runtime.compile(buildDenoiser(model, parameters, 2, 'cpu'));
  const { prediction } = await program.run({
    x: float([2, 1, 8, 8], images),
    t: float([2], [3, 9]),
    label: float([2], [1, 4]),
    ...(weights && { guidance: float([2], weights) }),
  });
  await program.dispose();
  return prediction?.data as Float32Array;
}

describe('a student before its training', () => {
  it('predicts what its teacher does, whatever the guidance weight', async () => {
    const expected = await predict(teacher);
    expect(expected.some((value) => value !== 0)).toBe(true);
    for (const weights of [
      [0, 0],
      [0.3, 3],
    ]) {
      expect(await predict(student, weights)).toBeCloseToTensor(expected, { atol: 1e-6 });
    }
  });

  it('has the tensors of its teacher and those of the guidance weight', () => {
    const [own, taught] = [student.model, teacher.model].map((model) => denoiserParameters(model).specs);
    const added = own?.filter(({ name }) => !taught?.some((spec) => spec.name === name)).map(({ name }) => name);
    expect(added).toEqual(['guidance1.weight', 'guidance1.bias', 'guidance2.weight', 'guidance2.bias']);
  });

  it('cannot be made of another architecture, nor of a student', () => {
    const other = { model: tinyUNet, parameters: denoiserParameters(tinyUNet).initialise(0) };
    expect(() => studentOf(other, 2, 0)).toThrow('A teacher has to be a modern-unet');
    expect(() => studentOf(student, 2, 0)).toThrow('This model is a student already.');
  });
});

describe('the guidance weight as an input', () => {
  const { model } = student;
  const layout = denoiserParameters(model);
  const flat = layout.initialise(7).map((value, i) => value + 0.05 * Math.cos(i));

  it('moves the prediction of each image by its own weight', async () => {
    const [none, second] = [
      await predict({ model, parameters: flat }, [1, 0]),
      await predict({ model, parameters: flat }, [1, 2]),
    ];
    expect(second.subarray(0, 64)).toBeCloseToTensor(none.subarray(0, 64), { atol: 1e-6 });
    expect(second.subarray(64)).not.toEqual(none.subarray(64));
  });

  it('has the gradients of central differences in float64', () => {
    const { parameters, tensors } = layout.viewsOf(input('parameters', [layout.size]));
    const x = input('x', [1, 1, 8, 8]);
    const prediction = denoise(
      model,
      parameters,
      x,
      input('t', [1]),
      input('label', [1]),
      keepAll,
      guidanceInput(model, 1),
    );
    const loss = mean(square(prediction));
    const feeds = { x: images.subarray(0, 64), t: [4], label: [2], guidance: [1.25] };
    const at = (values: readonly number[]): number => evaluate([loss], { ...feeds, parameters: values })[0]?.[0] ?? NaN;
    const values = Array.from(flat);
    const checked = layout.specs.flatMap(({ name, offset, size }, index) =>
      name.startsWith('guidance') ? [{ index, offset, places: [0, Math.floor(size / 2), size - 1] }] : [],
    );
    expect(checked).toHaveLength(4);
    const found = evaluate(
      gradients(
        loss,
        checked.map(({ index }) => tensors[index] as (typeof tensors)[number]),
      ),
      { ...feeds, parameters: values },
    );
    checked.forEach(({ offset, places }, i) => {
      for (const place of places) {
        const moved = (by: number): number => at(values.with(offset + place, (values[offset + place] as number) + by));
        const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(found[i]?.[place]).toBeCloseTo(difference, 8);
      }
    });
    expect(found.flatMap((each) => [...each]).some((value) => Math.abs(value) > 1e-5)).toBe(true);
  });
});
