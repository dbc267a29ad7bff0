/**
 * Writes the models of packages/ts-diffusion/test/golden/unet2d-export.ts as folders of diffusers, each with the Python program of its model card as
 * `program.py`, in float16 too (`-half`), and prints their names as JSON. bench/golden/unet2d_export.py runs it:
 *
 *     npx tsx bench/golden/unet2d-export.ts FOLDER
 */
import { join } from 'node:path';
import { diffusersPython } from '../../packages/cli/src/exporting/diffusers-python.js';
import { writeFileAtomic } from '../../packages/ts-diffusion/src/node/files/atomic-file.js';
import { exportDiffusers } from '../../packages/ts-diffusion/src/pipeline/export-diffusers.js';
import { exportedModels } from '../../packages/ts-diffusion/test/golden/unet2d-export.js';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: npx tsx bench/golden/unet2d-export.ts FOLDER');

const names = Object.entries(exportedModels).map(([name, model], i) => {
  for (const half of [false, true]) {
    const { files, sampling } = exportDiffusers(model, { half });
    const at = join(folder, `${i}${half ? '-half' : ''}`);
    for (const [file, bytes] of files) writeFileAtomic(join(at, file), bytes);
    writeFileAtomic(join(at, 'program.py'), diffusersPython(model, sampling));
  }
  return name;
});
console.log(JSON.stringify(names));
