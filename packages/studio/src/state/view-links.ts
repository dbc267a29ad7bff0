import type { Address } from './address.js';

/** What goes along from view to view. */
const SHARED = ['model', 'seed', 'device'];
/** What depends on the model: another one has its own weights and defaults. */
const OF_THE_MODEL = ['weights', 'sampler', 'steps', 'spacing', 'omega'];
const KEY = 'views';

/** The query of each view as it was left, for as long as the tab is open. */
type Remembered = Readonly<Record<string, string>>;

const remembered = (): Remembered => JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Remembered;

/** Keeps the settings of a view, so that a link back to it shows the same again. */
export function rememberView({ view, parameters }: Address): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...remembered(), [view]: parameters.toString() }));
}

/**
 * The address of a view: its settings as they were left, with the model and the seed of the current view.
 *
 * @param changes parameters that shall have other values
 */
export function linkTo(view: string, current: Address, changes: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams(remembered()[view]);
  const model = parameters.get('model');
  for (const name of SHARED) {
    const value = changes[name] ?? current.parameters.get(name);
    if (value !== null) parameters.set(name, value);
  }
  if (parameters.get('model') !== model) for (const name of OF_THE_MODEL) parameters.delete(name);
  for (const [name, value] of Object.entries(changes)) parameters.set(name, value);
  const query = parameters.toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}
