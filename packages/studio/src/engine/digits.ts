import { createDataset, type Dataset } from 'ts-diffusion/data';

/** Only the digits of these classes. */
export function onlyClasses(digits: Dataset, chosen: readonly number[]): Dataset {
  const { height, width, classes } = digits;
  const pixels = height * width;
  const kept = Array.from(digits.labels.keys()).filter((i) => chosen.includes(digits.labels[i] ?? -1));
  const data = new Uint8Array(kept.length * pixels);
  kept.forEach((image, i) => {
    data.set(digits.images.subarray(image * pixels, (image + 1) * pixels), i * pixels);
  });
  return createDataset(
    { shape: [kept.length, height, width], data },
    { shape: [kept.length], data: Uint8Array.from(kept, (i) => digits.labels[i] ?? 0) },
    `digits ${chosen.join('')} of ${digits.source}`,
    classes,
  );
}
