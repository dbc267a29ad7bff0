/**
 * Sorts the emoji of the npm package `emoji-datasource-google` into a folder with one subfolder per category, 64×64 PNG:
 *
 *     npm pack emoji-datasource-google@16.0.0 && tar xzf emoji-datasource-google-16.0.0.tgz
 *     npx tsx bench/data/write-emoji.ts package FOLDER
 *
 * The package is MIT, the pictures in it are Google's Noto Emoji (Apache 2.0 and SIL OFL 1.1). It is not a dependency. Emoji in other
 * skin tones are left out: they would be near-copies.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Emoji {
  readonly image: string;
  readonly category: string;
  readonly has_img_google: boolean;
}

/** Holds the skin tones alone. */
const LEFT_OUT = 'Component';

const {
  positionals: [source, folder],
} = parseArgs({ allowPositionals: true });
if (source === undefined || folder === undefined)
  throw new Error('name the package to read and the folder to write to');

const emoji = JSON.parse(readFileSync(join(source, 'emoji.json'), 'utf8')) as readonly Emoji[];
const written = new Map<string, number>();
for (const { image, category, has_img_google: drawn } of emoji) {
  if (!drawn || category === LEFT_OUT) continue;
  const name = category.toLowerCase().replaceAll(/\W+/g, '-');
  mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(join(source, 'img/google/64', image), join(folder, name, image));
  written.set(name, (written.get(name) ?? 0) + 1);
}
for (const [name, count] of written) console.log(`${name}: ${count}`);
