import { expect, test } from 'vitest';
import { averages } from '../../src/evaluation/feature-kinds/evaluator-maps.js';
import { matrix } from '../../src/evaluation/linear-algebra/matrix.js';
import { principalComponents, project } from '../../src/evaluation/linear-algebra/principal-components.js';
import { RandomStream } from '../../src/utils/random.js';

test('maps are averaged over parts that cover them, as by adaptive_avg_pool2d of PyTorch', () => {
  // torch 2.9: F.adaptive_avg_pool2d(torch.arange(49.).reshape(1, 1, 7, 7), 3): rows 0-2, 2-4, 4-6.
  const maps = Float32Array.from({ length: 49 }, (_, i) => i);
  expect([...averages(maps, 1, 7, 3)]).toEqual([8, 10, 12, 22, 24, 26, 36, 38, 40]);
  expect([...averages(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2, 2, 1)]).toEqual([2.5, 6.5]);
});

test('principal components are the directions that the data was made along', () => {
  // Coordinates of falling variance along known orthonormal directions about a known mean.
  const [rows, mean] = [400, [3, -1, 2, 0]];
  const s = Math.SQRT1_2;
  const directions = [
    [s, s, 0, 0],
    [0, 0, s, -s],
    [s, -s, 0, 0],
  ];
  const scales = [5, 2, 0.1];
  const random = new RandomStream(1);
  const noise = new Float32Array(rows * 3);
  random.fillNormal(noise);
  const data = Float64Array.from({ length: rows * 4 }, (_, i) => {
    const [row, column] = [Math.floor(i / 4), i % 4];
    return directions.reduce(
      (sum, direction, k) => sum + (scales[k] ?? 0) * (noise[row * 3 + k] ?? 0) * (direction[column] ?? 0),
      mean[column] ?? 0,
    );
  });
  const vectors = matrix(rows, 4, data);
  const components = principalComponents(vectors, 2);
  for (const k of [0, 1]) {
    const cosine = [0, 1, 2, 3].reduce(
      (sum, row) => sum + (components.directions.data[row * 2 + k] ?? 0) * (directions[k]?.[row] ?? 0),
      0,
    );
    // A sample of 400 leaves correlations of a few percent between the coordinates.
    expect(Math.abs(cosine)).toBeGreaterThan(0.995);
  }
  const projected = project(vectors, components);
  const variance = (k: number): number => {
    const values = Array.from({ length: rows }, (_, i) => projected[2 * i + k] ?? NaN);
    expect(values.reduce((a, b) => a + b) / rows).toBeCloseTo(0, 4);
    return values.reduce((sum, value) => sum + value ** 2, 0) / rows;
  };
  expect(Math.sqrt(variance(0))).toBeCloseTo(5, 0);
  expect(Math.sqrt(variance(1))).toBeCloseTo(2, 0);
});

test('of vectors in fewer dimensions than components, the others are zero', () => {
  const data = Float64Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? i : 0));
  const { directions } = principalComponents(matrix(10, 3, data), 2);
  expect(Array.from({ length: 3 }, (_, row) => Math.abs(directions.data[row * 2] ?? NaN))).toEqual([1, 0, 0]);
});
