import type { VNode } from 'preact';
import {
  compareReceipts,
  currentMetricName,
  type ComparisonRow,
  type NamedReceipt,
  type Receipt,
  type Score,
} from 'ts-diffusion/evaluation';
import type { RunDetail } from '../../../../cli/src/studio/api.js';

/** The scores in the runs' receipts beside one another; unlike ones are marked. */
export function Receipts({ runs }: { readonly runs: readonly RunDetail[] }): VNode {
  const read = runs.flatMap(({ name, receipts: files }) =>
    Object.entries(files).map(([file, contents]) => readReceipt(`${name}/${file}`, contents)),
  );
  const receipts = read.filter((each) => typeof each !== 'string');
  const refusals = read.filter((each) => typeof each === 'string');
  const rows = receipts.length === 0 ? [] : rowsOf(receipts);
  return (
    <section class="panel" aria-label="Scores">
      <h2>Scores</h2>
      {refusals.map((text) => (
        <p key={text} class="status">
          {text}
        </p>
      ))}
      {receipts.length === 0 ? (
        <p class="status">No receipts yet. `diffusion evaluate` writes them.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of scores">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">metric</th>
                {receipts.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ metric, better, scores, differences }) => (
                <tr key={metric}>
                  <th scope="row">
                    {metric} <span class="status">({better} is better)</span>
                    {differences.length > 0 && <p class="unlike">Different conditions: {differences.join('; ')}</p>}
                  </th>
                  {scores.map((score, i) => (
                    <td key={i}>{score === null ? '–' : textOf(score)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Receipts that share no metric still have their own scores to show. */
function rowsOf(receipts: readonly NamedReceipt[]): readonly ComparisonRow[] {
  const metrics = receipts.flatMap(({ receipt }) => receipt.scores.map(({ metric }) => metric));
  if (new Set(metrics).size < metrics.length) return compareReceipts(receipts, { force: true });
  return receipts.flatMap(({ receipt }, index) =>
    receipt.scores.map((score) => ({
      metric: score.metric,
      better: score.better,
      scores: receipts.map((_, i) => (i === index ? score : null)),
      differences: [],
    })),
  );
}

/** A receipt, or why it is none. The schema of receipts is as large as all views together, so only what is shown here is looked at. */
function readReceipt(name: string, contents: unknown): NamedReceipt | string {
  if (!isReceipt(contents)) return `${name}: not a receipt of diffusion evaluate, or damaged.`;
  const scores = contents.scores.map((score) => ({ ...score, metric: currentMetricName(score.metric) }));
  return { name, receipt: { ...contents, scores } };
}

function isReceipt(value: unknown): value is Receipt {
  const scores = (value as Partial<Receipt> | null)?.scores;
  return Array.isArray(scores) && scores.every(isScore);
}

function isScore(value: unknown): value is Score {
  const { metric, value: number, conditions } = (value ?? {}) as Readonly<Record<keyof Score, unknown>>;
  return (
    typeof metric === 'string' && typeof number === 'number' && typeof conditions === 'object' && conditions !== null
  );
}

function textOf({ value, standardDeviation }: Score): string {
  const spread = standardDeviation === undefined ? '' : ` ± ${standardDeviation.toPrecision(2)}`;
  return `${value.toPrecision(5)}${spread}`;
}
