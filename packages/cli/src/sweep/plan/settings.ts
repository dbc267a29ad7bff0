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
/** With n of n + 1 combinations found, this many times n draws miss the last one with a probability of e^-30. */
const SURE = 30;

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
 * Settings drawn at random without replacement, each with all combinations of the axes that are seeds. The first ones do not depend on
 * how many are drawn.
 *
 * @param index of the grid in its plan, so that two grids draw different values
 * @throws ConfigError where the axes have fewer combinations
 */
export function randomSettings(
  axes: readonly Axis[],
  { settings, seed }: RandomSearch,
  index: number,
  path: string,
): readonly Setting[] {
  const repeats = gridSettings(axes.filter(isSeedAxis), path);
  const drawn = axes.filter((axis) => !isSeedAxis(axis));
  const found = new Map<string, Setting>();
  for (let draw = 0, repeated = 0; found.size < settings; draw++) {
    const stream = new RandomStream(seed, index, draw);
    const setting = Object.fromEntries(drawn.map((axis) => [axis.field, drawValue(axis, stream)]));
    const text = JSON.stringify(setting);
    if (!found.has(text)) {
      found.set(text, setting);
      repeated = 0;
    } else if (++repeated > SURE * found.size) {
      throw new ConfigError(
        `${path}: "random" asks for ${settings} settings, but the axes have ${found.size} combinations beside seeds; ask for at most as many, ` +
          'or remove "random" to try them all.',
      );
    }
  }
  return [...found.values()].flatMap((setting) => repeats.map((repeat) => ({ ...setting, ...repeat })));
}

function listed(axis: Axis, path: string): readonly unknown[] {
  if ('values' in axis) return axis.values;
  throw new ConfigError(
    `${path}: the range of ${axis.field} has no "count", which only a random search allows; add one, or add "random: { settings: 20 }".`,
  );
}
