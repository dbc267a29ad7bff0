import { createHash } from 'node:crypto';
import { imageAt, imageLength, type TrainingImages } from 'ts-diffusion/data';
import type { PictureReport } from 'ts-diffusion/node';

/** How many copies are named. */
const NAMED = 5;

/**
 * A line on images that are there more than once: files of the same content, or, where images have no files, images of the same
 * pixels, counted from 0.
 */
export function describeCopies(images: TrainingImages, report: PictureReport | undefined): string {
  const items = report === undefined ? hashedImages(images) : hashedFiles(report);
  const what = report === undefined ? 'images' : 'files';
  const firsts = new Map<string, string>();
  const copies: string[] = [];
  for (const [name, hash] of items) {
    const first = firsts.get(hash);
    if (first === undefined) firsts.set(hash, name);
    else copies.push(`${name} = ${first}`);
  }
  const more = copies.length - NAMED;
  const named = copies.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return `copies         ${copies.length}${copies.length === 0 ? '' : ` ${what} that others equal: ${named}`}`;
}

function* hashedFiles({ files, broken }: PictureReport): Generator<[name: string, hash: string]> {
  for (const { name, sha256 } of files) {
    if (sha256 !== undefined && !broken.has(name)) yield [name, sha256];
  }
}

function* hashedImages(images: TrainingImages): Generator<[name: string, hash: string]> {
  const buffer = new Uint8Array(imageLength(images));
  for (let i = 0; i < images.count; i++) {
    yield [
      String(i),
      createHash('sha256')
        .update(imageAt(images, i, buffer))
        .digest('base64'),
    ];
  }
}
