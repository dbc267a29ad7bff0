import { ConfigError } from 'ts-diffusion/errors';
import { RandomStream } from 'ts-diffusion/diffusion';
import { type Axis, drawValue, isSeedAxis } from './axis.js';

/** A value for each field that a plan varies, by `SECTION.FIELD`. */
export type Setting = Readonly<Record<string, unknown>>;

/** A random search: so many settings, of which each is tried with all seeds. */
export interface RandomSearch {
  readonly settings: number;
  readonly seed: number;
}

/** More is a slip: the product of axes grows fast. */
const MOST = 100_000;

/**
 * Every combination of the values of some axes, the last axis changing fastest.
 *
 * @param path of the plan, for errors
 * @throws ConfigError for more than 100,000, and for a range without a count
 */
export function gridSettings(axes: readonly Axis[], path: string): readonly Setting[] {
  const sizes = axes.map((axis) => listed(axis, path).length);
  const total = sizes.reduce((product, size) => product * size, 1);
  if (total > MOST) {
    throw new ConfigError(`${path}: the axes have ${total.toLocaleString('en')} combinations; at most ${MOST}.`);
  }
  return axes.reduce<readonly Setting[]>(
    (settings, axis) =>
      settings.flatMap((setting) => listed(axis, path).map((value) => ({ ...setting, [axis.field]: value }))),
    [{}],
  );
}

/**
 * Settings drawn at random, each with all combinations of the axes that are seeds. Setting i does not depend on how many are drawn.
 *
 * @param index of the grid in its plan, so that two grids draw different values
 */
export function randomSettings(
  axes: readonly Axis[],
  { settings, seed }: RandomSearch,
  index: number,
  path: string,
): readonly Setting[] {
  const repeats = gridSettings(axes.filter(isSeedAxis), path);
  const drawn = axes.filter((axis) => !isSeedAxis(axis));
  return Array.from({ length: settings }, (_, i) => {
    const stream = new RandomStream(seed, index, i);
    const setting = Object.fromEntries(drawn.map((axis) => [axis.field, drawValue(axis, stream)]));
    return repeats.map((repeat) => ({ ...setting, ...repeat }));
  }).flat();
}

function listed(axis: Axis, path: string): readonly unknown[] {
  if ('values' in axis) return axis.values;
  throw new ConfigError(
    `${path}: the range of ${axis.field} has no "count", which only a random search allows; add one, or add "random: { settings: 20 }".`,
  );
}
