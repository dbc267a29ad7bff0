import { ESLint } from 'eslint';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const layerRules = [
  'import-x/no-restricted-paths',
  'import-x/no-cycle',
  'no-restricted-imports',
  'no-restricted-syntax',
];

/** The project's own configuration with its rules on imports alone, and without the types that only other rules need. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: tseslint.configs.disableTypeChecked,
  ruleFilter: ({ ruleId }) => layerRules.includes(ruleId),
});

/** What the linter says of a file with this text in that place. */
async function complaints(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return (result?.messages ?? []).map(({ message }) => message);
}

const library = 'packages/ts-diffusion/src';

test.each([
  [`${library}/utils/errors.ts`, '../data/idx.js', 'utils may import only from: nothing'],
  [`${library}/data/idx.ts`, '../graph/index.js', 'data may import only from: formats, utils'],
  [`${library}/onnx/writer.ts`, '../graph/index.js', 'onnx may import only from: utils'],
  [`${library}/graph/lowering.ts`, '../runtime/types.js', 'graph may import only from: onnx, utils'],
  [`${library}/runtime/types.ts`, '../graph/index.js', 'runtime may import only from: onnx, utils'],
  [`${library}/nn/layers.ts`, '../models/unet.js', 'nn may import only from: graph, utils'],
  [`${library}/models/unet.ts`, '../diffusion/denoiser.js', 'models may import only from: nn, graph, utils'],
  [`${library}/diffusion/denoiser.ts`, '../runtime/types.js', 'diffusion may import only from: nn, graph, utils'],
  [`${library}/diffusion/denoiser.ts`, '../training/config.js', 'diffusion may import only from: nn, graph, utils'],
  [`${library}/training/trainer.ts`, '../pipeline/batches.js', 'training may import only from: diffusion, models'],
  [
    `${library}/training/trainer.ts`,
    '../node/files/atomic-file.js',
    'training may import only from: diffusion, models',
  ],
  [`${library}/pipeline/batches.ts`, '../entries/main.js', 'pipeline may import only from: training'],
  [`${library}/browser/fetch-bytes.ts`, '../node/files/atomic-file.js', 'what is for browsers must not need Node'],
  ['packages/cli/src/commands/sample.ts', '../../../ts-diffusion/src/pipeline/batches.js', 'import those'],
  ['packages/studio/src/engine/client.ts', '../../../cli/src/main.js', "the page knows only the server's api.ts"],
])('%s must not import %s', async (file, imported, message) => {
  expect(await complaints(file, `import type * as other from '${imported}';`)).toContainEqual(
    expect.stringContaining(message),
  );
});

test('two files must not import each other', async () => {
  expect(await complaints(`${library}/graph/tensor.ts`, `import { lower } from './lowering.js';`)).toEqual([
    expect.stringContaining('Dependency cycle'),
  ]);
});

test('two files must not import each other for types alone either', () => {
  const folder = mkdtempSync(join(tmpdir(), 'circle-'));
  try {
    writeFileSync(join(folder, 'a.ts'), `import type { B } from './b.js';\nexport interface A { readonly b: B }\n`);
    writeFileSync(join(folder, 'b.ts'), `import type { A } from './a.js';\nexport interface B { readonly a?: A }\n`);
    writeFileSync(join(folder, 'c.ts'), `import type { A } from './a.js';\nexport type C = A;\n`);
    const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { stdout, status } = spawnSync(
      process.execPath,
      [program, '--config', 'dependency-cruiser.config.js', folder],
      { cwd: root, encoding: 'utf8' },
    );
    expect(stdout).toMatch(/error no-circular: .*a\.ts →\s+.*b\.ts →\s+.*a\.ts\n/);
    expect(stdout).not.toContain('c.ts');
    // It exits with the number of errors.
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('only the runtime may load ONNX Runtime', async () => {
  const texts = [`import { Tensor } from 'onnxruntime-node';`, `await import('onnxruntime-web/webgpu');`];
  for (const text of texts) {
    expect(await complaints(`${library}/pipeline/diffusion-pipeline.ts`, text)).toEqual([
      expect.stringContaining('only the runtimes may import onnxruntime'),
    ]);
    expect(await complaints(`${library}/node/runtime/node.ts`, text)).toEqual([]);
  }
});

test.each([
  [`${library}/pipeline/diffusion-pipeline.ts`, '../training/trainer.js'],
  [`${library}/training/trainer.ts`, './config.js'],
  [`${library}/models/unet.ts`, '../graph/index.js'],
  [`${library}/training/checkpoint-format.ts`, '#platform/sha256.js'],
  ['packages/cli/src/commands/sample.ts', 'ts-diffusion'],
])('%s may import %s', async (file, imported) => {
  expect(await complaints(file, `import * as other from '${imported}';`)).toEqual([]);
});
