/** Median, minimum and maximum of measurements. */
export interface Summary {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return { median: median ?? NaN, minimum: sorted[0] ?? NaN, maximum: sorted.at(-1) ?? NaN };
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Runs the contenders in turn, A B A B …, so that drift of the machine's speed meets all of them; the first round does not count. */
export async function alternate(
  contenders: Readonly<Record<string, () => Promise<number>>>,
  rounds: number,
): Promise<Record<string, number[]>> {
  const results: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries(contenders)) {
      const value = await measure();
      if (round > 0) results[name]?.push(value);
    }
  }
  return results;
}

/** A table row: name, median, range. */
export function row(name: string, values: readonly number[], unit = 'ms'): string {
  const { median, minimum, maximum } = summarise(values);
  return `| ${name} | ${median.toFixed(1)} ${unit} | ${minimum.toFixed(1)}–${maximum.toFixed(1)} | ${values.length} |`;
}
