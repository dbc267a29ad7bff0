import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../../../cli/src/studio/api.js';
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
  const { details, failed } = useDetails(known, JSON.stringify(listed));

  useEffect(() => {
    setFirst((before) => before ?? runs?.[0]?.name);
  }, [runs]);

  const there = selected !== undefined && known.includes(selected);
  const missing = there && failed.includes(selected);
  const own = there ? details.find(({ name }) => name === selected) : undefined;
  const waiting = there && !missing && own === undefined;
  // Until they come, those of the run before stay, out of reach, so that nothing moves under the pointer.
  const run = waiting ? details[0] : own;
  const choosing = selected === undefined && (runs?.length ?? 0) > 0;
  // The first time, all at once, for the same reason.
  const ready = runs !== undefined && !choosing && (run !== undefined || !waiting);
  return (
    <>
      <header>
        <h1>Runs</h1>
        <p class="lead">All training runs in the runs folder of this server, live.</p>
      </header>
      {!connected && runs !== undefined && (
        <p class="notice failure" role="alert">
          The server does not answer. This page reconnects when the server is back.
        </p>
      )}
      {!ready && <p class="status">Loading.</p>}
      <div class="bench reversed" hidden={!ready}>
        <div class="stage">
          {runs?.length === 0 && (
            <p class="notice">There are no runs yet. Start one here, or with `diffusion train`.</p>
          )}
          {selected !== undefined && !there && (
            <p class="notice">There is no run called {selected}. If it was just started, it appears in a moment.</p>
          )}
          {there && <Curves names={shown} metrics={metrics} />}
          {missing && (
            <p class="notice failure" role="alert">
              The details of {selected} could not be loaded. The page tries again in a moment.
            </p>
          )}
          {run && (
            <div class="stage" inert={waiting}>
              <SampleHistory key={run.name} run={run.name} files={run.samples} />
              <Configuration runs={details} />
              <Receipts runs={details} />
            </div>
          )}
        </div>
        <div class="stage">
          {runs && <RunList runs={runs} selected={selected} compared={compared} />}
          {run && (
            <div class="stage" inert={waiting}>
              <RunActions run={{ ...run, ...runs?.find(({ name }) => name === run.name) }} />
              <CheckpointSampler key={`${run.name} ${run.checkpoints.length}`} run={run} />
            </div>
          )}
          <NewRun taken={runs?.map(({ name }) => name) ?? []} />
        </div>
      </div>
    </>
  );
}

interface Details {
  /** Of the runs asked for, in their order; until they come, of those asked for before. */
  readonly details: readonly RunDetail[];
  /** The names of those that could not be loaded. */
  readonly failed: readonly string[];
}

const RETRY_MS = 2000;

/** The details of runs, asked for anew when what the server tells of them changes, and again where that failed. */
function useDetails(names: readonly string[], version: string | undefined): Details {
  const [found, setFound] = useState<Details>({ details: [], failed: [] });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    void Promise.all(names.map((name) => runDetail(name).catch(() => undefined))).then((answers) => {
      if (!wanted) return;
      const failed = names.filter((_, i) => answers[i] === undefined);
      setFound({ details: answers.filter((run) => run !== undefined), failed });
      if (failed.length > 0) timer = setTimeout(setAttempt, RETRY_MS, attempt + 1);
    });
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [names.join(), version, attempt]);
  return found;
}
