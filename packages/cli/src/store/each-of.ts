/** Transfers at once: more would not be faster on one connection to the network. */
const AT_ONCE = 8;

/**
 * Does something with each of some items, several at once.
 *
 * @returns the results in the order of the items
 * @throws what the first that fails throws, once those that had begun have ended
 */
export async function eachOf<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<T, R>();
  const waiting = [...new Set(items)];
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && failures.length === 0; item = waiting.shift()) {
      try {
        results.set(item, await action(item));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0];
  return items.map((item) => results.get(item) as R);
}
