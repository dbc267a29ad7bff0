import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Slider } from '../../components/fields.js';
import { sampleUrl } from './api-client.js';

interface SampleHistoryProps {
  readonly run: string;
  /** File names in the order of their steps. */
  readonly files: readonly string[];
}

/** The sample grids that a run drew while it trained. */
export function SampleHistory({ run, files }: SampleHistoryProps): VNode {
  const [position, setPosition] = useState<number>();
  const index = Math.min(position ?? files.length - 1, files.length - 1);
  const file = files[index];
  return (
    <section class="panel" aria-label="Samples over time">
      <h2>Samples over time</h2>
      {file === undefined ? (
        <p class="status">No samples yet. A run samples every sampleEvery steps; 0: never.</p>
      ) : (
        <>
          <img class="grid-image" src={sampleUrl(run, file)} alt={`Samples of ${run}, ${stepOf(file)}`} />
          <Slider
            label="Step"
            value={index}
            min={0}
            max={Math.max(1, files.length - 1)}
            step={1}
            format={(value) => stepOf(files[value] ?? file)}
            onChange={setPosition}
          />
        </>
      )}
    </section>
  );
}

const stepOf = (file: string): string => `step ${Number(/\d+/.exec(file)?.[0] ?? 0).toLocaleString('en')}`;
