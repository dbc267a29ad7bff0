import type { EncodedImages } from '../../pipeline/encode-images.js';
import type { GeneratedImages, RunOptions } from '../../pipeline/run-plan.js';
import type { Draw } from '../messages.js';
import { drawings, pipelineAt } from './models.js';
import type { Task, TaskContext } from './task.js';

/** Draws with a model, in turn with what else is drawn. */
export const draw: Task<'draw'> = async (input, context) => {
  const pipeline = await pipelineAt(input.key);
  return await drawings.add(async () => {
    context.signal.throwIfAborted();
    return await drawn(pipeline, input, runOptions(input.states, context));
  });
};

async function drawn(
  pipeline: Awaited<ReturnType<typeof pipelineAt>>,
  input: Draw,
  run: RunOptions,
): Promise<GeneratedImages | EncodedImages> {
  switch (input.method) {
    case 'generate':
      return await pipeline.generate(input.options, run);
    case 'edit':
      return await pipeline.edit(input.options, run);
    case 'inpaint':
      return await pipeline.inpaint(input.options, run);
    case 'interpolate':
      return await pipeline.interpolate(input.options, run);
    case 'encode':
      return await pipeline.encode(input.options, run);
  }
}

/** Sends copies of the states: samplers go on with their own. */
function runOptions(states: boolean, { report, signal }: TaskContext<'draw'>): RunOptions {
  if (!states) return { signal };
  return {
    signal,
    onState: (state) => {
      const [x, predictedX0] = [state.x.slice(), state.predictedX0.slice()];
      report({ ...state, x, predictedX0 }, [x.buffer, predictedX0.buffer]);
    },
  };
}
