import { type Dataset, imagesAt } from 'ts-diffusion/data';

/** Only the digits of these classes. */
export function onlyClasses(digits: Dataset, chosen: readonly number[]): Dataset {
  const rows = Array.from(digits.labels.keys()).filter((i) => chosen.includes(digits.labels[i] ?? -1));
  return imagesAt(digits, rows, `digits ${chosen.join('')} of ${digits.source}`);
}
