import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { FileButton } from '../../components/file-button.js';
import { lossEquation } from '../../components/equations.js';
import { Choices, Why } from '../../components/fields.js';
import { Formula } from '../../components/formula.js';
import { Question } from '../../components/question.js';
import type { StoredTraining } from '../../engine/checkpoint-store.js';
import { previewLabels } from '../../engine/own-pictures.js';
import { choiceIn, digitsIn, numberIn, setParameters, useAddress } from '../../state/address.js';
import { useTraining } from '../../state/training.js';
import { PicturesField } from './pictures-field.js';
import { intervals, sizeNames, sizes } from './presets.js';
import { Progress } from './progress.js';
import { readCheckpoint } from './read-checkpoint.js';
import { StepsField } from './steps-field.js';
import { StoredRun } from './stored-run.js';
import { useOwnPictures } from './use-own-pictures.js';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The run that is kept is the only one, and only here. */
const REPLACING = {
  question: 'Replace the saved run?',
  consequence: 'This browser stores a single run. To keep it, download its checkpoint first.',
  confirm: 'Replace the run',
};

const targets = {
  epsilon: 'the noise ε in it',
  x0: 'the image without its noise',
  v: 'the velocity v',
  flow: 'the flow u',
} as const;

/** Training in the browser, by the code that Node trains with. */
export default function TrainView(): VNode {
  const address = useAddress();
  const size = choiceIn(address, 'size', sizeNames, 'quick');
  const digits = digitsIn(address, 'digits', DIGITS);
  const { title, description, preset, prediction, loss, config } = sizes[size];
  const steps = Math.round(numberIn(address, 'steps', 'steps' in config ? config.steps : 100_000, 1, 1_000_000));
  const { state, elsewhere, stored, progress, failure, lookUp, acknowledge, ...training } = useTraining();
  const [opened, setOpened] = useState<StoredTraining>();
  const own = choiceIn(address, 'on', ['digits', 'pictures'] as const) === 'pictures';
  const chosen = useOwnPictures();
  const missing = own && chosen.pictures === undefined;
  const idle = state === 'idle';
  const runTitle = idle ? stored?.title : progress?.title;
  const atTheEnd = progress !== undefined && progress.steps > 0 && progress.step >= progress.steps;
  useEffect(() => {
    lookUp();
    return acknowledge;
  }, []);

  const start = (): void => {
    const given = { ...config, ...intervals, steps, maxMinutes: 0 };
    if (!own) training.start({ title: `${title}, digits ${digits.join('')}`, digits, preset, config: given });
    else if (chosen.pictures) {
      const { dataset } = chosen.pictures;
      const named = `${title}, ${dataset.count} pictures`;
      training.start({ title: named, digits: previewLabels(dataset), pictures: dataset, preset, config: given });
    }
  };
  const toggle = (digit: number): void => {
    const next = DIGITS.filter((each) => (each === digit) !== digits.includes(each));
    setParameters({ digits: next.length === 0 || next.length === DIGITS.length ? undefined : next.join('') });
  };
  return (
    <>
      <header>
        <h1>Train a model here</h1>
        <p class="lead">
          The training digits are part of this page; your own pictures stay in this browser, where every training step
          runs. Training continues while other views are open. A checkpoint is saved in this browser every{' '}
          {intervals.checkpointEvery} steps, so you can close the page and resume later.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Progress">
          {failure && <FailureNotice failure={failure} />}
          {elsewhere && (
            <p class="notice" role="status">
              Another tab of this browser is training. Pause it there to train here. This view follows when it ends.
            </p>
          )}
          {runTitle !== undefined && (
            <StoredRun
              title={runTitle}
              stored={idle ? (stored ?? undefined) : undefined}
              elsewhere={elsewhere}
              onResume={(kept, total) => {
                training.resume(kept, { ...intervals, steps: total });
              }}
              onDiscard={training.discard}
            />
          )}
          {progress ? (
            <Progress progress={progress} />
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
            label="Train on"
            options={[
              ['digits', 'the digits'],
              ['pictures', 'own pictures'],
            ]}
            chosen={[own ? 'pictures' : 'digits']}
            onToggle={(value) => {
              setParameters({ on: value === 'digits' ? undefined : value });
            }}
          />
          {own ? (
            <PicturesField {...chosen} disabled={!idle} />
          ) : (
            <Choices
              label="Digits to learn"
              options={DIGITS.map((digit) => [digit, String(digit)] as const)}
              chosen={digits}
              onToggle={toggle}
            />
          )}
          <StepsField steps={steps} />
          <Why summary="What is a step?">
            <p>
              Algorithm 1: take a batch of images, mix noise into each at a random timestep, let the network predict{' '}
              {targets[prediction]}, and move every weight a little in the direction that reduces the loss. The loss of
              this network is the {loss === 'l1' ? 'absolute' : 'squared'} error, averaged over the pixels.
            </p>
            <Formula equation={lossEquation(prediction, loss)} />
          </Why>
          {!idle ? (
            <button
              type="button"
              class="button primary"
              onClick={training.pause}
              disabled={state === 'pausing' || atTheEnd}
            >
              {atTheEnd ? 'Finishing' : state === 'pausing' ? 'Finishing this step' : 'Pause'}
            </button>
          ) : stored ? (
            <ConfirmButton
              label="Replace this run..."
              class="button"
              disabled={elsewhere || missing}
              {...REPLACING}
              onConfirm={start}
            />
          ) : (
            <button type="button" class="button primary" disabled={elsewhere || missing} onClick={start}>
              Start
            </button>
          )}
          <FileButton
            label="Open a checkpoint to continue"
            disabled={!idle || elsewhere}
            onFile={(name, bytes) => {
              const checkpoint = readCheckpoint(name, bytes);
              if (stored) setOpened(checkpoint);
              else training.adopt(checkpoint);
            }}
          />
          {opened && (
            <Question
              {...REPLACING}
              onAnswer={(confirmed) => {
                setOpened(undefined);
                if (confirmed) training.adopt(opened);
              }}
            />
          )}
        </section>
      </div>
    </>
  );
}
