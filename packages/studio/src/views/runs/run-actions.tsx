import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { RunDetail } from '../../../../cli/src/studio/api.js';
import { resumeRun, stopRun } from './api-client.js';

/** What can be done with a run as it stands. */
export function RunActions({ run }: { readonly run: RunDetail }): VNode {
  const [trouble, setTrouble] = useState('');
  const { name, status, ours, error, step, steps, msPerStep } = run;
  const act = (action: Promise<Response>): void => {
    setTrouble('');
    action.catch((reason: unknown) => {
      setTrouble((reason as Error).message);
    });
  };
  const goOn = step < steps ? undefined : 2 * steps;
  const left = msPerStep === undefined || status !== 'training' ? undefined : ((steps - step) * msPerStep) / 60_000;
  return (
    <section class="panel" aria-label="The run">
      <div class="row between">
        <h2>{name}</h2>
        <span class={`badge ${status}`}>{status}</span>
      </div>
      <dl class="numbers">
        <div>
          <dt>Step</dt>
          <dd>{step.toLocaleString('en')}</dd>
        </div>
        <div>
          <dt>Loss</dt>
          <dd>{run.loss?.toFixed(4) ?? '–'}</dd>
        </div>
        <div>
          <dt>ms per step</dt>
          <dd>{msPerStep?.toFixed(0) ?? '–'}</dd>
        </div>
        <div>
          <dt>Minutes left</dt>
          <dd>{left?.toFixed(1) ?? '–'}</dd>
        </div>
      </dl>
      {status === 'training' ? (
        <div class="row">
          <button
            type="button"
            class="button"
            disabled={!ours}
            onClick={() => {
              act(stopRun(name));
            }}
          >
            Stop
          </button>
          {!ours && <span class="status">Not started by this server. Stop it where it was started, with Ctrl-C.</span>}
        </div>
      ) : (
        <div class="row">
          <button
            type="button"
            class="button"
            onClick={() => {
              act(resumeRun(name, goOn));
            }}
          >
            {goOn === undefined ? 'Resume' : `Continue to ${goOn.toLocaleString('en')} steps`}
          </button>
        </div>
      )}
      {[error, trouble].filter(Boolean).map((text) => (
        <p key={text} class="notice failure" role="alert">
          {text}
        </p>
      ))}
    </section>
  );
}
