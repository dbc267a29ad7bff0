import { mean } from 'ts-diffusion/evaluation';
import { twoSidedP } from './student-t.js';
import { sumOfSquares } from './sum-of-squares.js';

/** Repeated measurements of one setting, by what was repeated: the seed. Two settings with equal seeds are compared seed by seed. */
export type Repetitions = ReadonlyMap<string, number>;

/**
 * How likely differences between settings at least as large are where settings are equal: p-values that hold for all pairs together,
 * so that of equal settings the probability that any pair is below 0.05 is at most 5 %, whichever pairs are looked at afterwards.
 * Since the best setting is found in the same data, the number of comparisons is that of all pairs, not of those with the best.
 *
 * The p-value of a pair is the larger of two:
 *
 * - Holm's (1979) over all pairs, of t with the variance within settings pooled over all of them, or that of the pair where it is
 *   larger. With equal seeds throughout, the variance is the residual of a randomised block design (seeds are blocks), with
 *   (k - 1)(n - 1) degrees of freedom, otherwise that within settings, with the sum of n_i - 1.
 * - Bonferroni's over k - 1 comparisons, of the pair by itself: Student's paired t with n - 1 degrees of freedom, otherwise Welch's (1947).
 *   The pooled variance alone would call a setting different that varies more than the others.
 *
 * @param settings at least two repetitions each
 * @param floors variances of the mean of each setting by measurement alone, below which no variance of a mean is taken
 * @returns symmetric, [settings][settings], with 1 on the diagonal
 */
export function familyWiseP(
  settings: readonly Repetitions[],
  floors: readonly number[],
): readonly (readonly number[])[] {
  const size = settings.length;
  const p = settings.map((_, i) => settings.map((_unused, j) => (i === j ? 1 : NaN)));
  if (size < 2) return p;
  const pooled = isBlocked(settings) ? blockResidual(settings) : within(settings);
  const pairs = settings.flatMap((a, i) =>
    settings.slice(i + 1).map((b, offset) => {
      const j = i + 1 + offset;
      const own = comparePair(a, b);
      const variance = Math.max(
        own.variance,
        pooled.variance * (1 / a.size + 1 / b.size),
        (floors[i] ?? 0) + (floors[j] ?? 0),
      );
      const alone = Math.min(1, (size - 1) * pValue(own.difference, own.variance, own.freedom));
      return { i, j, alone, together: pValue(own.difference, variance, pooled.freedom) };
    }),
  );
  let largest = 0;
  [...pairs]
    .sort((a, b) => a.together - b.together)
    .forEach(({ i, j, alone, together }, rank) => {
      largest = Math.max(largest, Math.min(1, (pairs.length - rank) * together));
      (p[i] as number[])[j] = (p[j] as number[])[i] = Math.max(largest, alone);
    });
  return p;
}

/** A variance of one repetition, and its degrees of freedom. */
interface Variance {
  readonly variance: number;
  readonly freedom: number;
}

/** Whether all settings have the same seeds. */
function isBlocked(settings: readonly Repetitions[]): boolean {
  const [first, ...others] = settings;
  return others.every((each) => sameSeeds(first as Repetitions, each));
}

const sameSeeds = (a: Repetitions, b: Repetitions): boolean =>
  a.size === b.size && [...a.keys()].every((seed) => b.has(seed));

function blockResidual(settings: readonly Repetitions[]): Variance {
  const seeds = [...(settings[0] as Repetitions).keys()];
  const ofSeeds = seeds.map((seed) => mean(settings.map((each) => each.get(seed) as number)));
  const all = mean(ofSeeds);
  const squares = settings.map((each) => {
    const own = mean([...each.values()]);
    return seeds.reduce(
      (sum, seed, i) => sum + ((each.get(seed) as number) - own - (ofSeeds[i] as number) + all) ** 2,
      0,
    );
  });
  const freedom = (settings.length - 1) * (seeds.length - 1);
  return { variance: sumOf(squares) / freedom, freedom };
}

function within(settings: readonly Repetitions[]): Variance {
  const freedom = sumOf(settings.map(({ size }) => size - 1));
  return { variance: sumOf(settings.map((each) => sumOfSquares([...each.values()]))) / freedom, freedom };
}

/** The difference of two means with its variance, from these two settings alone. */
function comparePair(a: Repetitions, b: Repetitions): Variance & { readonly difference: number } {
  const [first, second] = [[...a.values()], [...b.values()]];
  const difference = mean(first) - mean(second);
  if (sameSeeds(a, b)) {
    const differences = [...a].map(([seed, value]) => value - (b.get(seed) as number));
    const n = a.size;
    return { difference, variance: sumOfSquares(differences) / (n - 1) / n, freedom: n - 1 };
  }
  const parts = [first, second].map((values) => sumOfSquares(values) / (values.length - 1) / values.length);
  const [u = 0, v = 0] = parts;
  const welch = (u + v) ** 2 / (u ** 2 / (first.length - 1) + v ** 2 / (second.length - 1));
  const least = Math.min(first.length, second.length) - 1;
  // Rounded down, which is the cautious side; 4 - 1e-16 is 4.
  return { difference, variance: u + v, freedom: Math.max(least, Math.floor(welch + 1e-9)) || least };
}

function pValue(difference: number, variance: number, freedom: number): number {
  if (variance === 0) return difference === 0 ? 1 : 0;
  return twoSidedP(difference / Math.sqrt(variance), freedom);
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
