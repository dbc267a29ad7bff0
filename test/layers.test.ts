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

test.each([
  ['src/utils/errors.ts', '../data/idx.js', 'src/utils may import only from: nothing'],
  ['src/data/idx.ts', '../graph/index.js', 'src/data may import only from: utils'],
  ['src/onnx/writer.ts', '../graph/index.js', 'src/onnx may import only from: utils'],
  ['src/graph/lowering.ts', '../runtime/types.js', 'src/graph may import only from: onnx, utils'],
  ['src/runtime/node.ts', '../graph/index.js', 'src/runtime may import only from: onnx, utils'],
  ['src/nn/layers.ts', '../models/unet.js', 'src/nn may import only from: graph, utils'],
  ['src/models/unet.ts', '../diffusion/denoiser.js', 'src/models may import only from: nn, graph, utils'],
  ['src/diffusion/denoiser.ts', '../runtime/types.js', 'src/diffusion may import only from: nn, graph, utils'],
  ['src/diffusion/denoiser.ts', '../config.js', 'src/diffusion may import only from: nn, graph, utils'],
  ['src/training/trainer.ts', '../pipeline/diffusion-pipeline.js', 'src/training may import only from: config, '],
  ['src/pipeline/diffusion-pipeline.ts', '../cli/progress.js', 'src/pipeline may import only from: config, training'],
  ['src/cli/sample.ts', '../index.js', 'src/index.ts is for users of the package'],
])('%s must not import %s', async (file, imported, message) => {
  expect(await complaints(file, `import type * as other from '${imported}';`)).toContainEqual(
    expect.stringContaining(message),
  );
});

test('two files must not import each other', async () => {
  expect(await complaints('src/graph/tensor.ts', `import { lower } from './lowering.js';`)).toEqual([
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
    expect(await complaints('src/pipeline/diffusion-pipeline.ts', text)).toEqual([
      expect.stringContaining('only src/runtime may import onnxruntime'),
    ]);
    expect(await complaints('src/runtime/node.ts', text)).toEqual([]);
  }
});

test.each([
  ['src/pipeline/diffusion-pipeline.ts', '../training/trainer.js'],
  ['src/training/trainer.ts', '../config.js'],
  ['src/models/unet.ts', '../graph/index.js'],
  ['src/cli/sample.ts', '../pipeline/diffusion-pipeline.js'],
])('%s may import %s', async (file, imported) => {
  expect(await complaints(file, `import * as other from '${imported}';`)).toEqual([]);
});
