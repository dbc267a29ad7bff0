import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studentModel } from '../../src/distillation/student-model.js';
import { studentOf } from '../../src/distillation/student-network.js';
import { createRuntime } from '../../src/entries/main.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import { decodeModelFile } from '../../src/pipeline/model-file.js';
import type { PipelineModel } from '../../src/pipeline/pipeline-model.js';
import { planSampling } from '../../src/pipeline/plan-sampling.js';
import { ConfigError } from '../../src/utils/errors.js';
import { tinyTeacher } from '../distillation/tiny-teacher.js';

const teacher = tinyTeacher();
const { model } = studentOf(teacher, 2, 0);
const layout = denoiserParameters(model);
/** Weights by which the guidance weight makes a difference. */
const parameters = layout.initialise(3).map((value, i) => value + 0.05 * Math.cos(i));
const student: PipelineModel = {
  ...studentModel(teacher, { model, parameters }, { steps: [1, 2, 4], largestGuidanceWeight: 2 }),
  samplingSteps: 4,
  guidanceWeight: 0.5,
};
const labels = [1, 4, 7];

let pipeline: DiffusionPipeline;
beforeAll(async () => {
  pipeline = new DiffusionPipeline(await createRuntime({ device: 'cpu', threads: 1 }), student);
});
afterAll(() => pipeline.dispose());

describe('a distilled model', () => {
  it('is in its file what it was', () => {
    const read = decodeModelFile(exportModelFiles(student).safetensors, 'it');
    expect(read).toMatchObject({ model, drawingSteps: [1, 2, 4], sampling: student.sampling, prediction: 'x0' });
    expect(read.parameters).toEqual(parameters);
  });

  it('draws in as many evaluations as steps, of its batch alone, however it is guided', async () => {
    for (const samplingSteps of [1, 2, 4]) {
      const batches: number[] = [];
      const counted = {
        ...{ model, schedule: pipeline.schedule, prediction: pipeline.prediction, drawingSteps: pipeline.drawingSteps },
        ...{ network: pipeline.network, sampling: student.sampling },
        networkAt: (weight: number) =>
          (async (x, timesteps, given) => {
            batches.push(x.shape[0]);
            return await (pipeline.networkAt?.(weight) ?? pipeline.network)(x, timesteps, given);
          }) as DiffusionPipeline['network'],
      };
      const plan = planSampling(counted, { labels, samplingSteps, guidanceWeight: 1.5 });
      const { runPlan } = await import('../../src/pipeline/run-plan.js');
      await runPlan(plan);
      expect(batches).toEqual(Array<number>(samplingSteps).fill(3));
    }
  });

  it('draws by its guidance weight', async () => {
    const draw = async (guidanceWeight: number) =>
      (await pipeline.generate({ labels, samplingSteps: 1, guidanceWeight })).images;
    expect(await draw(2)).toEqual(await draw(2));
    expect(await draw(2)).not.toEqual(await draw(0));
  });

  it('goes through the timesteps of its training from noise', () => {
    expect(planSampling(pipeline, { labels }).sampling.timesteps).toEqual([12, 9, 6, 3]);
    expect(planSampling(pipeline, { labels, samplingSteps: 2 }).sampling.timesteps).toEqual([12, 6]);
    expect(planSampling(pipeline, { labels, samplingSteps: 1 }).sampling.timesteps).toEqual([12]);
  });

  const otherWay =
    /^This model is distilled to draw from noise in 1, 2 or 4 steps by the sampler ddpm with trailing spacing;/;
  it.each([
    ['3 steps', { samplingSteps: 3 }, otherWay],
    ['another sampler', { sampler: 'ddim', samplingSteps: 4, spacing: 'trailing' }, otherWay],
    ['another spacing', { spacing: 'even', samplingSteps: 2 }, otherWay],
    ['timesteps of its own', { timesteps: [12, 5] }, otherWay],
    ['a weight beyond its range', { guidanceWeight: 2.5 }, /takes a guidance weight omega from 0 to 2, got 2\.5\.$/],
    ['a scale beyond its range', { guidanceScale: 4 }, /takes a guidance weight omega from 0 to 2, got 3\.$/],
    ['an interval', { guidanceInterval: [0.1, 3] }, /its guidance has neither an interval nor a rescale\.$/],
    ['a rescale', { guidanceRescale: 0.7 }, /its guidance has neither an interval nor a rescale\.$/],
  ] as const)('refuses %s', (_what, options, message) => {
    const plan = () => planSampling(pipeline, { labels, ...options });
    expect(plan).toThrow(ConfigError);
    expect(plan).toThrow(message);
  });

  it('refuses an image without a class', () => {
    expect(() => planSampling(pipeline, { labels: [1, -1] })).toThrow(
      'draws images of a class only: give each a label.',
    );
  });

  it('cannot encode, edit, inpaint or interpolate', async () => {
    const images = new Uint8Array(64);
    const noise = pipeline.initialNoise(0, 0);
    const end = { label: 1, noise };
    await expect(pipeline.encode({ images, labels: [1] })).rejects.toThrow(otherWay);
    await expect(pipeline.edit({ images, labels: [1] })).rejects.toThrow('cannot begin from images');
    await expect(pipeline.inpaint({ images, mask: images, labels: [1] })).rejects.toThrow('cannot fit pixels to known');
    await expect(pipeline.interpolate({ from: end, to: end, frames: 2 })).rejects.toThrow(otherWay);
  });

  it('is refused where its file lists no numbers of steps', () => {
    const { safetensors } = exportModelFiles({ ...student, drawingSteps: [NaN] });
    expect(() => decodeModelFile(safetensors, 'it')).toThrow(
      '"drawingSteps" is "NaN", expected numbers of steps such as 1,2,4.',
    );
  });
});
