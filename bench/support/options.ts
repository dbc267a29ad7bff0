/** The whole number that `--name` was given. @throws RangeError unless it is one, at least `least` */
export function wholeNumber(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`--${name} ${text}: expected a whole number of at least ${least}.`);
}

/** The number above 0 that `--name` was given. @throws RangeError unless it is one */
export function positiveNumber(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`--${name} ${text}: expected a number above 0.`);
}

/** The comma-separated names that `--name` was given. @throws RangeError for one that is not among those allowed */
export function someOf<Name extends string>(name: string, text: string, allowed: readonly Name[]): readonly Name[] {
  return text.split(',').map((each) => {
    const known = allowed.find((one) => one === each);
    if (known !== undefined) return known;
    throw new RangeError(`--${name} ${each}: expected some of ${allowed.join()}.`);
  });
}
