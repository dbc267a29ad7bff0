import type { ScoreName } from '../../sweep/plan/scores.js';
import type { PlannedCell } from '../planned-cells.js';
import { fullChain } from './comparisons.js';
import type { ReportSource } from './report-source.js';
import { rowScore } from './row-score.js';
import { hasFailed, tableRows, type TableRow } from './table-rows.js';
import { CLEAR, pairedDifference } from './differences.js';

/** Samples of the same models by two samplers: by the sampler of the tables, and with all T steps. */
export interface ChainPair {
  readonly fast: TableRow;
  readonly chain: TableRow;
  /** Whether they differ by more than two standard errors in a score, and the full chain is there to decide. */
  readonly decides: boolean;
  /** The same in words. */
  readonly verdict: string;
}

/** The scores that both have to agree in. */
const COMPARED: readonly ScoreName[] = ['frechet', 'inception'];

/** The models of which a study has the full chain, in the order of its plans. */
export function chainPairs(source: ReportSource): readonly ChainPair[] {
  return source.study.protocols.flatMap((protocol) => {
    const chains = tableRows(source, 'full-chain', protocol, isFullChain);
    const fast = tableRows(source, 'full-chain', protocol, (each) => !isFullChain(each));
    return fast.flatMap((row) => {
      const chain = chains.find(({ setting }) => JSON.stringify(setting) === JSON.stringify(row.setting));
      return chain === undefined ? [] : [{ fast: row, chain, ...verdictOf(row, chain) }];
    });
  });
}

const isFullChain = ({ fields }: PlannedCell): boolean =>
  Object.entries(fullChain).every(([name, value]) => fields[name] === value);

function verdictOf(fast: TableRow, chain: TableRow): Pick<ChainPair, 'decides' | 'verdict'> {
  if (fast.result === undefined || chain.result === undefined) return { decides: false, verdict: 'not done' };
  if (hasFailed(chain) && hasFailed(fast)) return { decides: false, verdict: 'both failed' };
  if (hasFailed(chain)) return { decides: true, verdict: 'the full chain failed, and decides' };
  if (hasFailed(fast)) return { decides: true, verdict: 'the fast sampler failed: the full chain decides' };
  const apart = COMPARED.map((name) => pairedDifference(fast.done, chain.done, name)?.standardErrors ?? 0);
  const largest = Math.max(...apart.map(Math.abs));
  const by = `by up to ${largest.toFixed(1)} standard errors`;
  return largest > CLEAR
    ? { decides: true, verdict: `they differ ${by}: the full chain decides` }
    : { decides: false, verdict: `they agree (${by})` };
}

/** What a table of the fast sampler says of a model where the full chain decides; undefined where it does not. */
export function chainNote({ chain, decides }: ChainPair): string | undefined {
  if (!decides) return undefined;
  const mark = hasFailed(chain) ? 'it **failed**, ' : '';
  const scores = `${mark}Fréchet distance ${rowScore(chain, 'frechet')}, Inception score ${rowScore(chain, 'inception')}`;
  const count = chain.planned[0]?.cell?.evaluation.count ?? 0;
  return `The full chain decides (${count} images): ${scores}.`;
}
