/**
 * Writes packages/ts-diffusion/test/golden/pictures.json: hashes of what the pipeline draws with a closed form in place of a network, and pictures of the
 * shipped models. Run it only where the pictures are meant to change, and say so in the commit:
 *
 *     npx tsx bench/golden/pictures.ts COMMIT
 */
import { cpus } from 'node:os';
import { deflateSync } from 'node:zlib';
import { shippedPictures } from '../../packages/ts-diffusion/test/golden/pictures.js';
import { samplingHashes } from '../../packages/ts-diffusion/test/golden/sampling-hashes.js';
import { writeFileAtomic } from '../../packages/ts-diffusion/src/node/files/atomic-file.js';

const commit = process.argv[2];
if (commit === undefined) throw new Error('usage: npx tsx bench/golden/pictures.ts COMMIT (of the code that draws)');

const pictures = await shippedPictures();
const cpu = cpus()[0]?.model ?? 'unknown';
const golden = {
  origin: {
    commit,
    cpu,
    node: process.version,
    command: `npx tsx bench/golden/pictures.ts ${commit}`,
    /** What was made again since, and where. */
    later: { hashes: 'none', pictures: 'none', cpu },
  },
  hashes: await samplingHashes(),
  pictures: Object.fromEntries(
    Object.entries(pictures).map(([name, bytes]) => [name, deflateSync(bytes, { level: 9 }).toString('base64')]),
  ),
};
writeFileAtomic('packages/ts-diffusion/test/golden/pictures.json', `${JSON.stringify(golden, null, 2)}\n`);
