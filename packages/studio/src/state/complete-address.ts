import { useEffect, useState } from 'preact/hooks';
import { readAddress, setParameters, type Address } from './address.js';

interface Replaced {
  readonly name: string;
  readonly asked: string;
  readonly used: string;
}

/**
 * Puts every setting that decides the picture into the address, so that a link shows the same after the defaults have
 * changed. A value that is not possible is replaced.
 *
 * @param address what the settings were read from
 * @param settings the parameters with the values in use; undefined as long as they are not known
 * @returns one sentence for each value that was replaced and not changed since
 */
export function useCompleteAddress(
  view: string,
  address: Address,
  settings: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  const [replaced, setReplaced] = useState<readonly Replaced[]>([]);
  useEffect(() => {
    // An address that has changed since says other things: the next drawing is of it.
    const current = readAddress();
    if (settings === undefined || current.view !== view) return;
    if (current.parameters.toString() !== address.parameters.toString()) return;
    const wrong = Object.entries(settings)
      .map(([name, used]) => ({ name, asked: address.parameters.get(name) ?? '', used }))
      .filter(({ name, asked, used }) => !means(name, asked, used));
    if (wrong.length === 0) return;
    const refused = wrong.filter(({ asked }) => asked !== '');
    if (refused.length > 0) setReplaced(refused);
    setParameters(Object.fromEntries(wrong.map(({ name, used }) => [name, used])));
  });
  return replaced.filter(({ name, used }) => settings?.[name] === used).map(noteOf);
}

function noteOf({ name, asked, used }: Replaced): string {
  return name === 'weights'
    ? `The link was made with other weights of this model (${asked}; here: ${used}): the picture is not the same.`
    : `The link asks for ${name}=${asked}, which this page cannot show; it uses ${used}.`;
}

function means(name: string, asked: string, used: string): boolean {
  if (asked === used) return true;
  if (asked === '' || name === 'weights') return false;
  // Digits in any order, 1 for 1.0.
  return sorted(asked) === sorted(used) || Number(asked) === Number(used);
}

const sorted = (digits: string): string =>
  /^\d{1,10}$/.test(digits) ? [...new Set(digits)].sort().join('') : JSON.stringify(digits);
