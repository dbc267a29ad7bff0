import type { VNode } from 'preact';
import type { RunDetail } from '../../../../cli/src/studio/api.js';
import { configRows } from './config-differences.js';

/** How the runs laid over one another differ; of a single run, its configuration. */
export function Configuration({ runs }: { readonly runs: readonly RunDetail[] }): VNode {
  const rows = configRows(runs.map(({ config }) => config));
  const several = runs.length > 1;
  return (
    <section class="panel" aria-label="Configuration">
      <h2>{several ? 'Differences of the configurations' : 'Configuration'}</h2>
      {rows.length === 0 && <p class="status">No differences.</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Configuration table">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">field</th>
              {runs.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ field, values }) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                {values.map((value, i) => (
                  <td key={i}>{value ?? '–'}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
