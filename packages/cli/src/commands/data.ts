import { Option, type Command } from 'commander';
import type { Split, TrainingImages } from 'ts-diffusion/data';
import type { PictureReport } from 'ts-diffusion/node';
import { integer } from '../options/arguments.js';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import { withPictureProgress } from '../output/picture-progress.js';
import { describeCopies } from '../training/copies.js';
import { describeData } from '../training/describe-data.js';
import { print } from '../output/say.js';

const examples = `
Examples:
  $ diffusion data --data my-pictures/                          counts, classes, sizes, copies, broken files
  $ diffusion data --data my-pictures/ --image-size 32 -o sheet.png   as they would be trained on, a row for each class
  $ diffusion data --split test                                 the held-out digits`;

/** Rows and columns of a contact sheet at most: more would not fit a screen. */
const MOST_ROWS = 20;
const COLUMNS = 10;
/** Sizes of files that are listed. */
const LISTED_SIZES = 5;

interface DataFlags {
  readonly split: Split;
  readonly out?: string;
  readonly scale: number;
}

/** Adds the options and action of `diffusion data`. */
export function configureData(command: Command): void {
  command
    .addOption(new Option('--split <name>', 'which part').choices(['train', 'validation', 'test']).default('train'))
    .option('-o, --out <file>', 'also write a contact sheet: .png, .jpg or .webp')
    .option('--scale <n>', 'screen pixels per image pixel in the contact sheet', integer(1, 16), 2);
  addConfigOptions(command, dataSchema).addHelpText('after', examples).action(data);
}

async function data(flags: DataFlags & Record<string, unknown>): Promise<void> {
  const { closeImages } = await import('ts-diffusion/data');
  const { openImages } = await import('ts-diffusion/node');
  const { parseConfig } = await import('ts-diffusion/train');
  if (flags.out !== undefined) {
    const { checkImagesOut } = await import('../output/write-images.js');
    checkImagesOut(flags.out, 'grid');
  }
  const { data: directory, offline, ...pictures } = parseConfig(dataSchema, givenConfig(dataSchema, flags), 'options');
  let report: PictureReport | undefined;
  const wanted = { split: flags.split, directory, offline, pictures: { ...pictures, skipBroken: true } };
  const onFiles = (files: PictureReport): void => {
    report = files;
  };
  const images = await withPictureProgress((reports) => openImages({ ...wanted, ...reports, onFiles }));
  try {
    const [first = '', ...others] = describeData(images);
    for (const line of [first, `hash           SHA-256 ${images.sha256}`, ...others, ...describeClasses(images)]) {
      print(line);
    }
    for (const line of report === undefined ? [] : describeFiles(report)) print(line);
    print(describeCopies(images, report));
    if (flags.out !== undefined) await writeSheet(flags.out, images, flags.scale);
  } finally {
    closeImages(images);
  }
}

/** How many images there are of each class. */
function describeClasses({ labels, classes, classNames }: TrainingImages): string[] {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return Array.from(counts, (count, label) => `  ${classNames?.[label] ?? label}: ${count}`);
}

/** The sizes of picture files, most frequent first, and every file that cannot be read. */
function describeFiles({ files, broken, splits = [] }: PictureReport): string[] {
  const sizes = new Map<string, number>();
  for (const { size } of files) {
    if (size === undefined) continue;
    const name = `${size.width}x${size.height}`;
    sizes.set(name, (sizes.get(name) ?? 0) + 1);
  }
  const bySize = [...sizes].sort(([, a], [, b]) => b - a);
  const listed = bySize.slice(0, LISTED_SIZES).map(([size, count]) => `${count} of ${size}`);
  const more = bySize.length > LISTED_SIZES ? `, and ${bySize.length - LISTED_SIZES} sizes more` : '';
  const parts = splits.map(({ name, count }) => `${name}: ${count}`);
  return [
    ...(parts.length === 0 ? [] : [`splits         ${parts.join(', ')}`]),
    `files          ${files.length}: ${listed.join(', ')}${more}`,
    `broken         ${broken.size}`,
    ...[...broken].map(([name, problem]) => `  ${name} (${problem})`),
  ];
}

/** Writes images evenly spread over each class, a row for each; of a single class, ten rows. */
async function writeSheet(path: string, images: TrainingImages, scale: number): Promise<void> {
  const { imageAt, imageLength } = await import('ts-diffusion/data');
  const { writeGrid } = await import('../output/write-images.js');
  const perRow = images.classes === 1 ? COLUMNS * COLUMNS : COLUMNS;
  const length = imageLength(images);
  const chosen = Array.from({ length: Math.min(images.classes, MOST_ROWS) }, (_, label) => {
    const ofClass = Array.from(images.labels.keys()).filter((index) => images.labels[index] === label);
    const shown = Math.min(perRow, ofClass.length);
    const spread = Array.from({ length: shown }, (_, i) => ofClass[Math.floor((i * ofClass.length) / shown)]);
    // A row is filled up with nothing, so that the next class begins a row of its own.
    return images.classes === 1 ? spread : Array.from({ length: perRow }, (_, i) => spread[i]);
  }).flat();
  const sheet = new Uint8Array(chosen.length * length);
  chosen.forEach((index, i) => {
    const place = sheet.subarray(i * length, (i + 1) * length);
    if (index !== undefined) place.set(imageAt(images, index, new Uint8Array(length)));
  });
  await writeGrid(path, sheet, images, Math.min(COLUMNS, chosen.length), scale);
  const left = images.classes - MOST_ROWS;
  print(`Wrote ${path}${left > 0 ? ` (the first ${MOST_ROWS} of ${images.classes} classes)` : ''}`);
}
