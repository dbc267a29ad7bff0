import { cpus } from 'node:os';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { patient } from '../patience.js';
import golden from '../golden/pictures.json' with { type: 'json' };
import { shippedPictures } from '../golden/pictures.js';
import { samplingHashes } from '../golden/sampling-hashes.js';

const { origin } = golden;

test(
  `every way of drawing gives the float32 images of commit ${origin.commit}, to the bit; since then, ${origin.later.hashes}`,
  async () => {
    expect(await samplingHashes()).toEqual(golden.hashes);
  },
  patient.timeout,
);

const isSameCpu = cpus()[0]?.model === origin.cpu;

test(
  `the shipped models draw the pictures of commit ${origin.commit}, ` +
    (isSameCpu
      ? `to the bit on this CPU (${origin.cpu})`
      : `within 1 of 256 grey levels, because they were made on another CPU (${origin.cpu})`),
  async () => {
    const drawn = await shippedPictures();
    expect(Object.keys(drawn)).toEqual(Object.keys(golden.pictures));
    for (const [name, expected] of Object.entries(golden.pictures)) {
      const bytes = new Uint8Array(inflateSync(Buffer.from(expected, 'base64')));
      const madeOn = name.endsWith('encode') ? origin.later.cpu : origin.cpu;
      // The pictures of quick were made on one of several kinds of CPU that have the same name.
      const isSame = !name.startsWith('quick') && cpus()[0]?.model === madeOn;
      expect(drawn[name], name).toBeCloseToTensor(bytes, { atol: isSame ? 0 : 1 });
    }
  },
  patient.timeout,
);
