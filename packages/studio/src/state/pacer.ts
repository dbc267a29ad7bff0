/** Settings that have changed again within this time are being dragged. What they are on the way is not worth a long computation. */
export const SETTLE_MS = 120;
/** A computation of at most this time is quick: it follows settings that are being dragged. */
export const QUICK_MS = 100;

/**
 * What settings ask for.
 *
 * @param signal aborted when its result is not wanted any more
 * @returns whether its duration tells how long the next one takes
 */
export type Computation = (signal: AbortSignal) => Promise<boolean>;

/** A computation under way. */
interface Run {
  readonly stop: AbortController;
  readonly end: Promise<void>;
}

/**
 * Decides when changing settings are computed, one computation at a time. Where computations are quick, each that was begun ends, and the newest
 * settings follow: what is dragged is seen on the way. Where they are long, they wait until the settings rest, and a change ends the one
 * under way.
 */
export class Pacer {
  #changedAt = -Infinity;
  /** They are taken for quick until one turns out to be long. */
  #isQuick = true;
  #under: Run | undefined;

  /** Settings have changed. @returns what takes the change back, before the next */
  change(compute: Computation): () => void {
    const stop = new AbortController();
    let isSuperseded = false;
    const begin = async (): Promise<void> => {
      await this.#end();
      if (!isSuperseded) this.#under = { stop, end: this.#timed(compute, stop.signal) };
    };
    const isDragged = performance.now() - this.#changedAt < SETTLE_MS;
    this.#changedAt = performance.now();
    const timer = setTimeout(() => void begin(), isDragged && !this.#isQuick ? SETTLE_MS : 0);
    return () => {
      clearTimeout(timer);
      isSuperseded = true;
      if (!this.#isQuick) stop.abort();
    };
  }

  /** Ends the computation under way. */
  stop(): void {
    this.#under?.stop.abort();
  }

  /** Has the computation under way end: by itself where it is quick. */
  async #end(): Promise<void> {
    if (this.#under === undefined) return;
    const { end, stop } = this.#under;
    if (this.#isQuick) {
      const isLong = await Promise.race([end.then(() => false), delay(QUICK_MS).then(() => true)]);
      if (isLong) this.#isQuick = false;
    }
    stop.abort();
  }

  async #timed(compute: Computation, signal: AbortSignal): Promise<void> {
    const begin = performance.now();
    const tells = await compute(signal);
    if (!signal.aborted) this.#isQuick = !tells || performance.now() - begin <= QUICK_MS;
  }
}

const delay = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
