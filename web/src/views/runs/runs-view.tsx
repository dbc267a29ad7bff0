import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../../../src/studio/api.js';
import { useAddress } from '../../state/address.js';
import { runDetail } from './api-client.js';
import { CheckpointSampler } from './checkpoint-sampler.js';
import { Configuration } from './configuration.js';
import { Curves } from './curves.js';
import { NewRun } from './new-run.js';
import { Receipts } from './receipts.js';
import { RunActions } from './run-actions.js';
import { RunList } from './run-list.js';
import { SampleHistory } from './sample-history.js';
import { useEvents } from './use-events.js';

/** The runs of the server that serves this page, live. */
export default function RunsView(): VNode {
  const { parameters } = useAddress();
  const wanted = parameters.get('run');
  const compared = (parameters.get('with') ?? '').split(',').filter((name) => name !== '' && name !== wanted);
  const [first, setFirst] = useState<string>();
  const selected = wanted ?? first;
  const shown = selected === undefined ? [] : [selected, ...compared.filter((name) => name !== selected)];
  const { runs, metrics, connected } = useEvents(shown);
  const listed = runs?.filter(({ name }) => shown.includes(name)) ?? [];
  // In the order of the curves; what is not there (yet, or any more) is not asked for.
  const known = shown.filter((each) => listed.some(({ name }) => name === each));
  const details = useDetails(known, JSON.stringify(listed));

  useEffect(() => {
    setFirst((before) => before ?? runs?.[0]?.name);
  }, [runs]);

  const there = selected !== undefined && known.includes(selected);
  const run = there ? details.find(({ name }) => name === selected) : undefined;
  const choosing = selected === undefined && (runs?.length ?? 0) > 0;
  // All at once, so that nothing moves under the pointer.
  const ready = runs !== undefined && !choosing && (run !== undefined || !there);
  return (
    <>
      <header>
        <h1>Runs</h1>
        <p class="lead">Every training in this server's runs folder, as it happens.</p>
      </header>
      {!connected && runs !== undefined && (
        <p class="notice failure" role="alert">
          The server does not answer. This page goes on by itself once it is back.
        </p>
      )}
      {!ready && <p class="status">Loading.</p>}
      <div class="bench reversed" hidden={!ready}>
        <div class="stage">
          {runs?.length === 0 && (
            <p class="notice">There are no runs yet: start one here, or with `diffusion train`.</p>
          )}
          {selected !== undefined && !there && (
            <p class="notice">There is no run called {selected}. If it was just started, it appears in a moment.</p>
          )}
          {there && <Curves names={shown} metrics={metrics} />}
          {run && (
            <>
              <SampleHistory key={run.name} run={run.name} files={run.samples} />
              <Configuration runs={details} />
              <Receipts runs={details} />
            </>
          )}
        </div>
        <div class="stage">
          {runs && <RunList runs={runs} selected={selected} compared={compared} />}
          {run && <RunActions run={run} />}
          {run && <CheckpointSampler key={`${run.name} ${run.checkpoints.length}`} run={run} />}
          <NewRun taken={runs?.map(({ name }) => name) ?? []} />
        </div>
      </div>
    </>
  );
}

/** The details of runs, asked for anew when what the server tells of them changes. */
function useDetails(names: readonly string[], version: string | undefined): readonly RunDetail[] {
  const [details, setDetails] = useState<readonly RunDetail[]>([]);
  useEffect(() => {
    let wanted = true;
    // A run that is not there (any more) is left out.
    void Promise.all(names.map((name) => runDetail(name).catch(() => undefined))).then((found) => {
      if (wanted) setDetails(found.filter((run) => run !== undefined));
    });
    return () => {
      wanted = false;
    };
  }, [names.join(), version]);
  return details;
}
