import type { OnState } from '../../pipeline/diffusion-pipeline.js';
import type { EncodedImages, GeneratedImages } from '../../pipeline/sample-options.js';
import type { Draw } from '../messages.js';
import { drawings, pipelineAt } from './models.js';
import type { Task, TaskContext } from './task.js';

/** Draws with a model, in turn with what else is drawn. */
export const draw: Task<'draw'> = async (input, context) => {
  const pipeline = await pipelineAt(input.key);
  return await drawings.add(async () => {
    context.signal.throwIfAborted();
    return await drawn(pipeline, input, watch(input.states, context));
  });
};

function drawn(
  pipeline: Awaited<ReturnType<typeof pipelineAt>>,
  input: Draw,
  onState: OnState,
): Promise<GeneratedImages | EncodedImages> {
  switch (input.method) {
    case 'generate':
      return pipeline.generate(input.options, onState);
    case 'edit':
      return pipeline.edit(input.options, onState);
    case 'inpaint':
      return pipeline.inpaint(input.options, onState);
    case 'interpolate':
      return pipeline.interpolate(input.options, onState);
    case 'encode':
      return pipeline.encode(input.options);
  }
}

/** Stops what is not wanted any more, and sends copies of the states: samplers go on with their own. */
function watch(states: boolean, { report, signal }: TaskContext<'draw'>): OnState {
  return (state) => {
    signal.throwIfAborted();
    if (!states) return;
    const [x, predictedX0] = [state.x.slice(), state.predictedX0.slice()];
    report({ ...state, x, predictedX0 }, [x.buffer, predictedX0.buffer]);
  };
}
