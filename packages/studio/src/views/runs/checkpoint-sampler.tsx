import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../../../cli/src/studio/api.js';
import type { Prediction } from '../../components/equations.js';
import { Select, Slider } from '../../components/fields.js';
import { GuidanceField } from '../../components/guidance-field.js';
import { checkpointUrl, sampleRun } from './api-client.js';
import type { SamplerName } from 'ts-diffusion/diffusion';
import { samplerOptions } from '../../state/samplers.js';
import { defaultOf } from '../../state/sampling.js';

/** Draws two of each class from any checkpoint of a run, in a process of the server's. */
export function CheckpointSampler({ run }: { readonly run: RunDetail }): VNode {
  const [checkpoint, setCheckpoint] = useState(run.checkpoints[0] ?? '');
  const [weights, setWeights] = useState<'ema' | 'model'>('ema');
  const [sampler, setSampler] = useState<SamplerName>(defaultOf('sampler'));
  const [omega, setOmega] = useState(1);
  const [steps, setSteps] = useState(25);
  const [picture, setPicture] = useState('');
  const [state, setState] = useState<'idle' | 'drawing' | { readonly trouble: string }>('idle');

  useEffect(
    () => () => {
      URL.revokeObjectURL(picture);
    },
    [picture],
  );

  const T = Number(run.config['timesteps'] ?? 1000);
  const prediction = (run.config['prediction'] ?? 'epsilon') as Prediction;
  const draw = (): void => {
    setState('drawing');
    const sampling = { guidanceWeight: omega, seed: 0, sampler, samplingSteps: Math.min(steps, T) };
    const body = { checkpoint, weights, labels: 'all', ...sampling };
    sampleRun(run.name, body).then(
      (blob) => {
        setPicture(URL.createObjectURL(blob));
        setState('idle');
      },
      (error: unknown) => {
        setState({ trouble: (error as Error).message });
      },
    );
  };

  return (
    <section class="panel" aria-label="Sample from a checkpoint">
      <h2>Sample from a checkpoint</h2>
      {run.checkpoints.length === 0 ? (
        <p class="status">No checkpoint yet.</p>
      ) : (
        <>
          <Select
            label="Checkpoint"
            value={checkpoint}
            options={run.checkpoints.map((file) => [file, file] as const)}
            onChange={setCheckpoint}
          />
          <Select
            label="Weights"
            value={weights}
            options={[
              ['ema', 'averaged'],
              ['model', 'of the last step'],
            ]}
            onChange={setWeights}
          />
          <Select label="Sampler" value={sampler} options={samplerOptions} onChange={setSampler} />
          <GuidanceField omega={omega} prediction={prediction} onChange={setOmega} />
          <Slider
            label="Steps"
            value={Math.min(steps, T)}
            min={1}
            max={Math.min(T, 250)}
            step={1}
            onChange={setSteps}
          />
          <div class="row">
            <button type="button" class="button primary" onClick={draw} disabled={state === 'drawing'}>
              {state === 'drawing' ? 'Drawing' : 'Draw'}
            </button>
            <a class="button" href={checkpointUrl(run.name, checkpoint)} download>
              Download
            </a>
          </div>
          {typeof state === 'object' && (
            <p class="notice failure" role="alert">
              {state.trouble}
            </p>
          )}
          {picture !== '' && (
            <img class="grid-image" src={picture} alt={`Two of each class, sampled from ${checkpoint}`} />
          )}
        </>
      )}
    </section>
  );
}
