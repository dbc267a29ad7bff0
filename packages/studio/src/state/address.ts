import { useEffect, useMemo, useState } from 'preact/hooks';

/** The page's address after the `#`: `/sample?digits=3&seed=7`. What is in it is all it takes to see the same again. */
export interface Address {
  readonly view: string;
  readonly parameters: URLSearchParams;
}

export function readAddress(): Address {
  const [view = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { view, parameters: new URLSearchParams(query) };
}

/** The address as it is now; the component is drawn again when it changes. */
export function useAddress(): Address {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = (): void => {
      setHash(location.hash);
    };
    addEventListener('hashchange', update);
    // Another component's effect may have changed it before this one listened.
    update();
    return () => {
      removeEventListener('hashchange', update);
    };
  }, []);
  return useMemo(readAddress, [hash]);
}

/** Changes some parameters of the address without a new entry in the browser's history; undefined removes one. */
export function setParameters(changes: Readonly<Record<string, string | undefined>>): void {
  const { view, parameters } = readAddress();
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  history.replaceState(null, '', `#/${view}${query === '' ? '' : `?${query}`}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** A number of the address within bounds, or what it is unless said otherwise. */
export function numberIn(
  { parameters }: Address,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = parameters.get(name);
  const value = Number(text);
  return text === null || text === '' || !Number.isFinite(value) ? otherwise : Math.min(Math.max(value, least), most);
}

/** A whole number of the address that may be missing. */
export function wholeNumberIn({ parameters }: Address, name: string): number | undefined {
  const text = parameters.get(name) ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

/** One of the allowed texts, or the first of them. */
export function choiceIn<T extends string>(
  { parameters }: Address,
  name: string,
  allowed: readonly T[],
  otherwise?: T,
): T {
  const found = allowed.find((each) => each === parameters.get(name));
  return found ?? otherwise ?? (allowed[0] as T);
}

/** A colour, `#rrggbb`; in the address without its `#`. */
export function colourIn({ parameters }: Address, name: string, otherwise: string): string {
  const text = parameters.get(name) ?? '';
  return /^[0-9a-f]{6}$/.test(text) ? `#${text}` : otherwise;
}

/** Digits as a list of characters: `037`. */
export function digitsIn({ parameters }: Address, name: string, otherwise: readonly number[]): readonly number[] {
  const text = parameters.get(name);
  if (text === null || !/^\d{1,10}$/.test(text)) return otherwise;
  return [...new Set(Array.from(text, Number))].sort((a, b) => a - b);
}
