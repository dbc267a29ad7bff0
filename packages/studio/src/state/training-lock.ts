import { EngineFailure } from '../engine/failure.js';

/** Held by the tab that trains, or changes the run that is kept; the browser frees it when the tab is closed. */
const LOCK = 'ts-diffusion-training';

/** Where the page is not served securely there are no locks: the revision of the kept run alone protects it then. */
const available = 'locks' in navigator;

/** Does something that no other tab may do meanwhile. @throws EngineFailure (trained-elsewhere) where another tab is at it */
export async function aloneInBrowser<T>(work: () => Promise<T>): Promise<T> {
  if (!available) return work();
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
    if (lock === null) throw new EngineFailure('trained-elsewhere', '');
    return work();
  });
}

/** Whether any tab is at it, this one included. */
export async function isTraining(): Promise<boolean> {
  if (!available) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name, mode }) => name === LOCK && mode === 'exclusive');
}

/** Waits until no tab is at it. */
export async function untilNoneTrains(): Promise<void> {
  if (available) await navigator.locks.request(LOCK, { mode: 'shared' }, () => undefined);
}

/** Tells the other tabs that the kept run has changed, and hears it from them. */
export const changes = new BroadcastChannel(LOCK);
