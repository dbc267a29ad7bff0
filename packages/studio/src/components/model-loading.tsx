import type { VNode } from 'preact';
import { useStudio } from '../state/studio.js';

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Over the images that are to come: how much of model and runtime has arrived, then that they are prepared. */
export function ModelLoading({ waiting }: { readonly waiting: boolean }): VNode | null {
  const { download, info, failure, model } = useStudio();
  if (!waiting || failure !== undefined) return null;
  const { loaded = 0, total = 0 } = download ?? {};
  const arriving = info === undefined && (total === 0 || loaded < total);
  return (
    <div class="loading" role="status">
      <p>
        {arriving
          ? `Downloading the model ${model.title} and the runtime: ${megabytes(loaded)} of ${megabytes(total)} MB.`
          : info === undefined
            ? `Preparing the model ${model.title}.`
            : 'Computing the first step.'}
      </p>
      <progress aria-label="Loading" {...(arriving ? { max: Math.max(1, total), value: loaded } : {})} />
    </div>
  );
}
