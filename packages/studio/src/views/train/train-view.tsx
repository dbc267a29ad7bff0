import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { FailureNotice } from '../../components/failure-notice.js';
import { FileButton } from '../../components/file-button.js';
import { Choices, Why } from '../../components/fields.js';
import { Formula } from '../../components/formula.js';
import { choiceIn, digitsIn, numberIn, setParameters, useAddress } from '../../state/address.js';
import { intervals, sizeNames, sizes } from './presets.js';
import { Progress } from './progress.js';
import { StepsField } from './steps-field.js';
import { StoredRun } from './stored-run.js';
import { useTraining } from './use-training.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Training in the browser, by the code that Node trains with. */
export default function TrainView(): VNode {
  const address = useAddress();
  const size = choiceIn(address, 'size', sizeNames, 'quick');
  const digits = digitsIn(address, 'digits', DIGITS);
  const { title, description, preset, config } = sizes[size];
  const steps = Math.round(numberIn(address, 'steps', 'steps' in config ? config.steps : 100_000, 1, 1_000_000));
  const training = useTraining();
  const [shownDigits, setShownDigits] = useState<readonly number[]>(digits);
  const { state, stored, progress, failure } = training;
  const idle = state === 'idle';
  const runTitle = idle ? stored?.title : progress?.title;

  const toggle = (digit: number): void => {
    const next = DIGITS.filter((each) => (each === digit) !== digits.includes(each));
    setParameters({ digits: next.length === 0 || next.length === DIGITS.length ? undefined : next.join('') });
  };
  return (
    <>
      <header>
        <h1>Train a model here</h1>
        <p class="lead">
          Nothing leaves this page: the digits come with it, and each step, from the noise to the new weights, is one
          graph that this browser computes. Close the page when you like; the run goes on from where it was kept.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Progress">
          {failure && <FailureNotice failure={failure} />}
          {runTitle !== undefined && (
            <StoredRun
              title={runTitle}
              stored={idle ? (stored ?? undefined) : undefined}
              onResume={(stored, total) => {
                setShownDigits(stored.digits);
                training.resume(stored, { ...intervals, steps: total });
              }}
              onDiscard={training.discard}
            />
          )}
          {progress ? (
            <Progress progress={progress} digits={shownDigits} />
          ) : (
            !stored && (
              // Not known yet whether there is one: its place is kept.
              <p class="notice" style={{ visibility: stored === undefined ? 'hidden' : 'visible' }}>
                No run yet. Choose what to train on, then start.
              </p>
            )
          )}
        </section>
        <section class="panel" aria-label="Settings">
          <Choices
            label="Network"
            options={sizeNames.map((name) => [name, sizes[name].title] as const)}
            chosen={[size]}
            onToggle={(value) => {
              setParameters({ size: value, steps: undefined });
            }}
          >
            <p class="status">{description}</p>
          </Choices>
          <Choices
            label="Digits to learn"
            options={DIGITS.map((digit) => [digit, String(digit)] as const)}
            chosen={digits}
            onToggle={toggle}
          />
          <StepsField steps={steps} />
          <Why summary="What a step is">
            <p>
              Algorithm 1: take 32 digits, noise each to a timestep of its own, let the network tell the noise (or the
              digit), and move every weight a little in the direction that would have made the answer better.
            </p>
            <Formula name="loss" />
          </Why>
          {idle ? (
            <button
              type="button"
              class={`button ${stored ? '' : 'primary'}`}
              onClick={() => {
                setShownDigits(digits);
                training.start(`${title}, digits ${digits.join('')}`, digits, preset, {
                  ...config,
                  ...intervals,
                  steps,
                  maxMinutes: 0,
                });
              }}
            >
              {stored ? 'Start anew instead' : 'Start'}
            </button>
          ) : (
            <button type="button" class="button primary" onClick={training.pause} disabled={state === 'pausing'}>
              {state === 'pausing' ? 'Finishing this step' : 'Pause'}
            </button>
          )}
          <FileButton label="Open a checkpoint to train on" disabled={!idle} onFile={training.adopt} />
        </section>
      </div>
    </>
  );
}
