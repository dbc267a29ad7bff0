import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Choices } from '../../components/fields.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { LinkNotes } from '../../components/link-notes.js';
import { ModelLoading } from '../../components/model-loading.js';
import { PredictedGuess } from '../../components/predicted-guess.js';
import { Tile } from '../../components/tile.js';
import { choiceIn, setParameters, useAddress } from '../../state/address.js';
import { useStudio } from '../../state/studio.js';
import { SampleControls } from './sample-controls.js';
import { useCompleteAddress } from '../../state/complete-address.js';
import { parametersOf, settingsIn } from './settings.js';
import { Timeline } from './timeline.js';
import { usePlayhead } from './use-playhead.js';
import { useSampling } from './use-sampling.js';

/** Images of one digit are a row; one of each digit, two. */
const columnsFor = (images: number, each: number): number => (each > 1 ? each : images > 5 ? 5 : images);

/** From noise to digits, step by step. */
export default function SampleView(): VNode {
  const address = useAddress();
  const { model, info } = useStudio();
  const settings = settingsIn(address, model, info?.classes);
  const sampling = useSampling(settings);
  const playhead = usePlayhead(address, sampling.frames.length, sampling.running);
  const shown = choiceIn(address, 'show', ['x', 'x0'] as const);
  const [selected, setSelected] = useState(0);
  const notes = useCompleteAddress('sample', address, parametersOf(settings, model, shown));

  const frame = sampling.frames[playhead.position];
  const images = shown === 'x' ? frame?.x : frame?.predictedX0;
  const side = info?.imageSize ?? 28;
  const channels = info?.channels ?? 1;
  const pixels = channels * side * side;
  const { labels } = settings;
  const columns = columnsFor(labels.length, settings.each);
  const chosen = Math.min(selected, labels.length - 1);
  const classes = info?.classes ?? 10;
  const probabilities = frame?.probabilities;
  const asked = labels[chosen] ?? -1;

  return (
    <>
      <header>
        <h1>From noise to digit</h1>
        <p class="lead">
          A diffusion model starts from pure noise and removes a little of it at a time. Choose a digit, then watch it
          appear, or drag the timeline back to the noise it came from.
        </p>
      </header>
      <div class="bench">
        <section class="stage" aria-label="Images">
          <LinkNotes notes={notes} />
          {sampling.failure && <FailureNotice failure={sampling.failure} onRetry={sampling.again} />}
          <div
            class="tiles"
            style={{ gridTemplateColumns: `repeat(${columns}, 1fr)`, maxWidth: columns === 1 ? '24rem' : undefined }}
          >
            <ModelLoading waiting={sampling.running && frame === undefined} />
            {labels.map((label, i) => (
              <Tile
                key={i}
                side={side}
                pixels={images?.subarray(i * pixels, (i + 1) * pixels)}
                label={`${label < 0 ? 'any digit' : `a ${info?.classNames?.[label] ?? label}`}, image ${i + 1} of ${labels.length}`}
                confidence={label < 0 ? undefined : probabilities?.[i * classes + label]}
                selected={i === chosen}
                onSelect={
                  probabilities &&
                  (() => {
                    setSelected(i);
                  })
                }
              />
            ))}
          </div>
          <Timeline frames={sampling.frames} playhead={playhead} steps={settings.sampling.samplingSteps} />
          <div class="row">
            <Choices
              label="Show"
              options={[
                ['x', 'Noisy image xₜ'],
                ['x0', 'Predicted image x̂₀'],
              ]}
              chosen={[shown]}
              onToggle={(value) => {
                setParameters({ show: value });
              }}
            />
          </div>
          <p class="status" role="status">
            {sampling.milliseconds === undefined
              ? sampling.running
                ? 'Computing.'
                : ''
              : `${labels.length} image${labels.length === 1 ? '' : 's'} in ${(sampling.milliseconds / 1000).toFixed(1)} s.`}
          </p>
        </section>
        <SampleControls settings={settings} picture={{ images, side, channels, columns }} />

        {probabilities && (
          <PredictedGuess
            image={chosen + 1}
            side={side}
            predicted={frame.predictedX0.subarray(chosen * pixels, (chosen + 1) * pixels)}
            values={probabilities.subarray(chosen * classes, (chosen + 1) * classes)}
            asked={asked}
          />
        )}
      </div>
    </>
  );
}
