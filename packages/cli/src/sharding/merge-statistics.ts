import { EvaluationError } from 'ts-diffusion/errors';
import type { EvaluateFlags } from '../evaluating/evaluate-flags.js';
import { prepareScorer, type PreparedScorer } from '../evaluating/prepare-scorer.js';
import { checkOutcome, scoreSamples, type Outcome } from '../evaluating/score-samples.js';
import type { DeviceFlags } from '../options/pipeline-options.js';
import type { AllShards } from './read-all-shards.js';
import { joinStatistics, againstOf, type Scoring } from './statistics-shards.js';

/** What of the options of evaluate is told anew: where real images and networks are now, and what becomes of the scores. */
export type MergeStatisticsFlags = DeviceFlags & Outcome & Partial<EvaluateFlags>;

/**
 * Scores the samples of all shards: the report and the receipt are those of one process.
 *
 * @throws EvaluationError where real images or networks are others than the shards were measured with
 */
export async function mergeStatistics(shards: AllShards, given: MergeStatisticsFlags): Promise<void> {
  const begin = performance.now();
  const { createNodeRuntime } = await import('ts-diffusion/node');
  const { describeMachine } = await import('ts-diffusion/evaluation');
  const { samples, scoring, flags: kept, seconds } = joinStatistics(shards);
  const flags: typeof given & typeof kept = { ...kept, ...given };
  await checkOutcome(flags);
  const { device, threads } = given;
  const runtime = await createNodeRuntime({ device, threads });
  const prepared = await prepareScorer({ ...flags, ...scoring.options }, runtime, samples.generation ?? undefined);
  checkAgainst(scoring.against, prepared, shards[0].path);
  const machines = new Set([...shards.map(({ notes }) => String(notes['machine'])), describeMachine(runtime)]);
  await scoreSamples(
    prepared,
    samples,
    { ...flags, ...scoring.options },
    {
      machine: [...machines].join('; '),
      begin: begin - 1000 * seconds,
    },
  );
}

/** @throws EvaluationError naming what differs, and how to get at the former */
function checkAgainst(of: Scoring['against'], prepared: PreparedScorer, path: string): void {
  const { real, networks } = prepared;
  const { evaluator, features, secondFeatures } = networks;
  const now = againstOf(prepared);
  const parts = [
    ['reference', 'images to score against', real.reference.source, '--reference or --data'],
    ['training', 'real images for floors', real.training?.source ?? 'none', '--training or --data'],
    ['evaluator', 'an evaluator', evaluator.network.name, '--evaluator'],
    ['features', 'a feature network', features.network.name, '--feature-network'],
    ['secondFeatures', 'a second feature network', secondFeatures.network.name, '--second-feature-network'],
    ['inception', 'weights of Inception-v3', 'those given', '--inception-weights'],
  ] as const;
  for (const [name, what, found, flag] of parts) {
    const [hash, hashNow] = [of[name], now[name]];
    if (hash === hashNow) continue;
    const short = (text: string | null): string => text?.slice(0, 12) ?? 'none';
    throw new EvaluationError(
      `${path} was measured with ${what} of the SHA-256 ${short(hash)}, but here (${found}) it is ${short(hashNow)}; ` +
        `name the former by ${flag}.`,
    );
  }
}
