import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeImages, createDataset, inMemory, type Dataset } from '../../../src/data/dataset.js';
import { readPictures, type ReadPicturesOptions } from '../../../src/node/data/pictures.js';
import { loadDataset } from '../../../src/node/data/sources.js';
import { DataError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';

let root: string;
let folder: string;
let messages: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pictures-'));
  folder = join(root, 'data');
  messages = [];
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(name: string, content: Uint8Array | string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function read(options: Partial<ReadPicturesOptions> = {}): Promise<Dataset> {
  const onMessage = (text: string): void => void messages.push(text);
  return inMemory(await readPictures(folder, { split: 'train', cache: join(root, 'cache'), onMessage, ...options }));
}

const plain = (colour: string, width = 8, height = 8) =>
  sharp({ create: { width, height, channels: 4, background: colour } });
const png = (colour: string, width?: number, height?: number) => plain(colour, width, height).png().toBuffer();
/** 8x8 random pixels. */
const noise = (channels: 1 | 3, seed = 1): Uint8Array =>
  Uint8Array.from({ length: 64 * channels }, (_, i) => ((i + seed) * 7919) % 256);
/** The first pixel of an image, all channels. */
const pixel = ({ images, height, width, channels = 1 }: Dataset, index = 0): number[] =>
  Array.from({ length: channels }, (_, c) => images[(index * channels + c) * height * width] as number);

describe('what a folder becomes', () => {
  it('pictures of their own size keep their pixels, as planes; the hash is that of the data set in memory', async () => {
    put('a.png', encodePng(noise(3), 8, 8, 3));
    put('b.png', encodePng(noise(3, 5), 8, 8, 3));
    const data = await read();
    const planes = [noise(3), noise(3, 5)].flatMap((image) =>
      [0, 1, 2].flatMap((channel) => [...image.filter((_, i) => i % 3 === channel)]),
    );
    expect([...data.images]).toEqual(planes);
    const { images, labels } = data;
    const same = createDataset({ shape: [2, 3, 8, 8], data: images }, { shape: [2], data: labels }, folder, 1);
    expect(data).toEqual(same);
    expect(messages).toEqual([]);
  });

  it('gray pictures have one channel, and the hash that an IDX file of them has', async () => {
    put('a.png', encodePng(noise(1), 8, 8));
    const data = await read();
    const image = { shape: [1, 8, 8], data: noise(1) };
    expect(data).toEqual(createDataset(image, { shape: [1], data: Uint8Array.of(0) }, folder));
  });

  it('one with colour makes all RGB, also those read before it; color gray is their luma', async () => {
    for (let i = 0; i < 40; i++) put(`${String(i).padStart(2, '0')}.png`, encodePng(noise(1, i), 8, 8));
    put('z.png', await png('#ff8000'));
    const rgb = await read();
    expect([rgb.channels, rgb.count]).toEqual([3, 41]);
    for (const index of [0, 17, 39]) {
      const image = rgb.images.subarray(index * 192, (index + 1) * 192);
      expect([...image]).toEqual([...noise(1, index), ...noise(1, index), ...noise(1, index)]);
    }
    expect(pixel(rgb, 40)).toEqual([255, 128, 0]);
    const gray = await read({ color: 'gray' });
    expect(pixel(gray, 40)).toEqual([151]); // 0.299 * 255 + 0.587 * 128, ITU-R BT.601
    expect((await read({ color: 'rgb' })).sha256).toBe(rgb.sha256);
  });

  it('subfolders are classes: numbers by their value, other names in any script, nested, composed', async () => {
    for (const name of ['10', '9', '2']) put(`${name}/x.png`, await png('#ffffff'));
    expect(await read()).toMatchObject({ classes: 3, classNames: ['2', '9', '10'] });
    rmSync(folder, { recursive: true });
    const names = ['Straße', 'кошка', '猫', 'e\u0301te\u0301', 'folder.png', 'with, comma'];
    for (const name of names) put(`${name}/deep/er/x.png`, await png('#ffffff'));
    put('.hidden/x.png', 'no picture');
    put('猫/._x.png', 'no picture');
    put('猫/notes.txt', 'no picture');
    mkdirSync(join(folder, 'empty'));
    const data = await read();
    const expected = ['Straße', 'été', 'folder.png', 'with, comma', 'кошка', '猫'];
    expect(data.classNames).toEqual([...expected].sort());
    expect([...data.labels]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(messages).toEqual([`${folder}: no pictures by their names, and passed over: 猫/notes.txt.`]);
  });

  it('train and test subfolders are the splits', async () => {
    put('train/a/1.png', await png('#ffffff'));
    put('train/b/2.png', await png('#ffffff'));
    put('test/b/3.png', await png('#000000'));
    put('test/a/3.png', await png('#000000'));
    expect((await read()).classNames).toEqual(['a', 'b']);
    expect(pixel(await read({ split: 'test' }))).toEqual([0]);
  });

  it('folders of the same name in two normal forms are one class', async () => {
    put('\u00e9/a.png', await png('#010101'));
    put('e\u0301/b.png', await png('#020202'));
    expect(await read()).toMatchObject({ count: 2, classes: 1, classNames: ['\u00e9'] });
  });

  it('two folders of one split are refused', async () => {
    put('train/x/a.png', await png('red'));
    put('Training/x/b.png', await png('blue'));
    put('val/x/c.png', await png('blue'));
    await expect(read()).rejects.toThrow(/has several folders of the train split \((?:train, T|Training, t)/);
    expect((await read({ split: 'validation' })).count).toBe(1);
  });

  it('links are followed, but not in circles', async () => {
    put('a/1.png', await png('#ffffff'));
    symlinkSync(join(folder, 'a/1.png'), join(folder, 'a/2.png'));
    symlinkSync(folder, join(folder, 'a/up'));
    symlinkSync(join(folder, 'a'), join(folder, 'a/self'));
    symlinkSync('.', join(folder, 'round'));
    symlinkSync(join(folder, 'a'), join(folder, 'b'));
    symlinkSync(join(folder, 'gone'), join(folder, 'a/3'));
    const data = await read();
    expect([data.classNames, [...data.labels]]).toEqual([
      ['a', 'b'],
      [0, 0, 1, 1],
    ]);
  });

  it.each<[string, () => Promise<Buffer>, number[], number?]>([
    [
      'a GIF: its first picture',
      async () =>
        sharp([await png('#0000ff'), await png('#ff0000')], { join: { animated: true } })
          .gif()
          .toBuffer(),
      [0, 0, 255],
    ],
    ['a WebP', () => plain('#00ff00').webp({ lossless: true }).toBuffer(), [0, 255, 0]],
    ['a JPEG', () => plain('#ff0000').jpeg({ quality: 100 }).toBuffer(), [254, 0, 0]],
    // The inks of a printer have no such red.
    ['a JPEG in CMYK', () => plain('#ff0000').toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), [255, 0, 0], 32],
    [
      '16 bits',
      () =>
        sharp(new Uint16Array(192).fill(0x80ff), { raw: { width: 8, height: 8, channels: 3 } })
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
      [128],
    ],
    ['a palette', () => plain('#ff8800').png({ palette: true }).toBuffer(), [255, 136, 0]],
    ['half transparent', () => png('rgba(255, 0, 0, 0.5)'), [128, 0, 0]],
    ['one pixel', () => png('#336699', 1, 1), [51, 102, 153]],
  ])('%s, whatever its name ends in', async (_, make, expected, tolerance = 2) => {
    put('it.jpg', await make());
    const data = await read({ imageSize: 8 });
    expect(data.count).toBe(1);
    pixel(data).forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? NaN)), `channel ${i}: ${value}`).toBeLessThanOrEqual(tolerance);
    });
  });

  it('orientation tags are followed', async () => {
    const left = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 255 : 0));
    const raw = { width: 8, height: 8, channels: 1 } as const;
    // Orientation 6: to be turned a quarter clockwise, which takes what is left to the top.
    put('a.jpg', await sharp(left, { raw }).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer());
    const { images } = await read();
    expect([images[7], images[56]].map((value) => Math.round((value ?? NaN) / 16))).toEqual([16, 0]);
  });
});

describe('sizes', () => {
  /** 16 wide, 8 high: white, with a black left quarter. */
  const wide = Uint8Array.from({ length: 128 }, (_, i) => (i % 16 < 4 ? 0 : 255));

  it.each<['crop' | 'pad' | 'stretch', number[]]>([
    ['crop', [255, 255, 255, 255, 255, 255, 255, 255]],
    ['pad', [0, 0, 255, 255, 255, 255, 255, 255]],
    ['stretch', [0, 0, 255, 255, 255, 255, 255, 255]],
  ])('--fit %s', async (fit, middleRow) => {
    put('a.png', encodePng(wide, 16, 8));
    const { images } = await read({ imageSize: 8, fit, background: '#808080' });
    // Away from edges, where the filter rings.
    for (const x of [0, 4, 6])
      expect(Math.abs((images[32 + x] ?? NaN) - (middleRow[x] ?? NaN))).toBeLessThanOrEqual(24);
    expect(images[0]).toBe(fit === 'pad' ? 128 : middleRow[0]);
  });

  it('smaller with anti-aliasing: fine stripes become their mean', async () => {
    put(
      'a.png',
      encodePng(
        Uint8Array.from({ length: 64 * 64 }, (_, i) => 255 * (i % 2)),
        64,
        64,
      ),
    );
    const { images } = await read({ imageSize: 8 });
    images.forEach((value) => {
      expect(Math.abs(value - 127.5)).toBeLessThan(12);
    });
  });

  it.each([
    [
      [
        [8, 8],
        [8, 8],
      ],
      8,
      0,
    ],
    [
      [
        [8, 8],
        [9, 9],
      ],
      32,
      1,
    ],
    [[[16, 8]], 32, 1],
    [[[200, 200]], 32, 1],
    [[[1, 1]], 32, 1],
  ] as const)('of %j: %d', async (sizes, expected, notes) => {
    for (const [i, [width, height]] of sizes.entries()) put(`${i}.png`, await png('#ffffff', width, height));
    expect((await read()).width).toBe(expected);
    expect(messages.filter((text) => text.includes('resized to 32x32; --image-size'))).toHaveLength(notes);
  });

  it('transparent pixels show the background', async () => {
    put('a.png', await png('rgba(0, 0, 0, 0)'));
    expect(pixel(await read())).toEqual([0]);
    expect(pixel(await read({ background: 'white' }))).toEqual([255]);
    expect(pixel(await read({ background: '#102030' }))).toEqual([16, 32, 48]);
  });
});

describe('files that cannot be read', () => {
  const broken: Record<string, [make: () => Promise<Uint8Array>, problem: string]> = {
    'empty.png': [() => Promise.resolve(new Uint8Array(0)), 'an empty file'],
    'text.jpg': [() => Promise.resolve(Buffer.from('hello')), 'neither a PNG, a JPEG, a WebP nor a GIF file'],
    'cut.png': [async () => (await png('#ffffff', 64, 64)).subarray(0, 80), 'damaged or truncated'],
    'cut.jpg': [
      async () =>
        (
          await sharp(noise(3), { raw: { width: 8, height: 8, channels: 3 } })
            .resize(64)
            .jpeg()
            .toBuffer()
        ).subarray(0, 900),
      'damaged or truncated',
    ],
    'vast.png': [
      () => plain('#000000', 4097, 4096).toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer(),
      'more than 16777216 pixels',
    ],
  };

  it.each(Object.entries(broken))('%s', async (name, [make, problem]) => {
    put('good.png', await png('#ffffff'));
    put(name, await make());
    const what = `1 of 2 pictures in ${folder} cannot be read: ${name} (${problem}`;
    const failure = await read({ imageSize: 8 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    expect((failure as Error).message).toContain(what);
    expect((failure as Error).message).toContain('--skip-broken');
    const left = await read({ imageSize: 8, skipBroken: true });
    expect([left.count, [...left.labels]]).toEqual([1, [0]]);
    expect(messages.at(-1)).toContain(what);
    expect(messages.at(-1)).toMatch(/; left out\.$/);
  });

  it('links that lead nowhere or in a circle, and pipes, are named', async () => {
    put('a.png', await png('red'));
    symlinkSync('nowhere.png', join(folder, 'dangling.png'));
    symlinkSync('loop.png', join(folder, 'loop.png'));
    symlinkSync('nowhere.txt', join(folder, 'notes.txt'));
    execFileSync('mkfifo', [join(folder, 'pipe.png')]);
    await expect(read()).rejects.toThrow(
      /3 of 4 pictures .*: dangling\.png \(removed meanwhile, or a link that leads nowhere\), loop\.png \(.*ELOOP.*\), pipe\.png \(it is no regular file\)/,
    );
    expect((await read({ skipBroken: true })).count).toBe(1);
  });

  it('many: the first five and how many more; none left: no data set', async () => {
    for (let i = 0; i < 7; i++) put(`${i}.png`, '');
    const what = /^7 of 7 pictures in .* cannot be read: 0\.png .*4\.png \(an empty file\) and 2 more/;
    await expect(read({ skipBroken: true })).rejects.toThrow(what);
  });

  it('a class without a picture left keeps its place among the labels', async () => {
    put('a/1.png', '');
    put('b/1.png', await png('#ffffff'));
    const data = await read({ skipBroken: true });
    expect([data.classNames, [...data.labels]]).toEqual([['a', 'b'], [1]]);
  });
});

describe('folders that are no data set', () => {
  it.each<[string, () => Promise<void>, string]>([
    ['nothing in it', () => Promise.resolve(), 'holds no pictures of the train split'],
    [
      'only empty subfolders',
      async () => {
        await mkdir(join(folder, 'a'));
      },
      'holds no pictures',
    ],
    [
      'pictures beside subfolders',
      async () => {
        put('x.png', await png('#fff'));
        put('a/y.png', await png('#fff'));
      },
      'holds pictures (x.png) and subfolders of pictures (a); put all',
    ],
  ])('%s', async (_, make, problem) => {
    await make();
    await expect(read()).rejects.toThrow(problem);
  });

  it('one that is not there', async () => {
    rmSync(folder, { recursive: true });
    await expect(read()).rejects.toThrow('cannot read the folder');
  });

  it('more than 256 classes', async () => {
    for (let i = 0; i < 257; i++) put(`${i}/a.png`, '');
    await expect(read()).rejects.toThrow('has 257 subfolders of pictures; at most 256');
  });

  it('a test split that is not there', async () => {
    put('a.png', await png('#fff'));
    await expect(read({ split: 'test' })).rejects.toThrow('into the subfolder test');
  });
});

describe('the cache', () => {
  const cached = (): string[] => readdirSync(join(root, 'cache/pictures')).sort();

  it('is used again for the same pictures and options, and for no others', async () => {
    put('a.png', encodePng(noise(3), 8, 8, 3));
    await read();
    const before = cached();
    expect(before.map((name) => name.slice(-4))).toEqual(['.idx', 'json']);
    const { mtimeMs } = statSync(join(root, 'cache/pictures', before[0] as string));
    await read();
    expect(statSync(join(root, 'cache/pictures', before[0] as string)).mtimeMs).toBe(mtimeMs);
    await read({ color: 'gray' });
    put('a.png', encodePng(noise(3, 2), 8, 8, 3));
    const data = await read();
    expect(cached()).toHaveLength(6);
    expect(data.images[0]).toBe(noise(3, 2)[0]);
  });

  it.each(['idx', 'json'])('is made anew where its .%s file was cut short', async (ending) => {
    put('a.png', encodePng(noise(3), 8, 8, 3));
    const whole = await read();
    const damaged = cached().find((name) => name.endsWith(ending));
    truncateSync(join(root, 'cache/pictures', damaged as string), 50);
    expect(await read()).toEqual(whole);
  });

  it('images are read from it one by one, and a data set is loaded whole', async () => {
    for (const seed of [1, 2, 3]) put(`${seed}.png`, encodePng(noise(3, seed), 8, 8, 3));
    const stored = await readPictures(folder, { split: 'train', cache: join(root, 'cache') });
    const out = new Uint8Array(192);
    if (stored.images instanceof Uint8Array) throw new Error('in memory');
    stored.images.read(2, out);
    closeImages(stored);
    const environment = { DIFFUSION_CACHE_DIR: join(root, 'cache') };
    const whole = await loadDataset({ split: 'train', directory: folder, environment });
    expect([...whole.images.subarray(384)]).toEqual([...out]);
  });
});
