import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patientTests } from '../patience.js';
import { createConsumer, entriesOf, type Consumer } from './consumer.js';

/**
 * Of everything that `npm install ts-diffusion` brings: the package has no dependencies. 17e6 before it had the distilled model, whose
 * weights take 2.6e6.
 */
const LARGEST_INSTALL = 20e6;

let consumer: Consumer;
patientTests();
beforeAll(() => {
  consumer = createConsumer('@types/node');
});
afterAll(() => {
  consumer.remove();
});

// Time: 15 s on two quiet cores.
describe('the packed library', () => {
  it('holds bundles, declarations, models, digits, licences, and nothing else', () => {
    const known =
      /^(package\.json|README\.md|LICENSE|dist\/(LICENSES\.txt|(node|browser)\/[\w-]+\.js|types\/[\w-]+\.d\.ts)|models\/[\w-]+\.(safetensors|receipt\.json)|models\/manifest\.json|data\/(README\.md|[\w-]+\.gz))$/;
    const paths = consumer.files.map(({ path }) => path);
    expect(paths.filter((path) => !known.test(path))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/LICENSES.txt',
        'dist/node/main.js',
        'dist/browser/main.js',
        'dist/types/main.d.ts',
        'models/manifest.json',
        'models/modern.safetensors',
        'data/digits-images-idx3-ubyte.gz',
      ]),
    );
  });

  it(`takes less than ${LARGEST_INSTALL / 1e6} MB, and installs nothing else`, () => {
    expect(consumer.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(LARGEST_INSTALL);
    const manifest = JSON.parse(packedText('package.json')) as Record<string, unknown>;
    expect(manifest['dependencies']).toBeUndefined();
    expect(manifest['peerDependenciesMeta']).toEqual({
      'onnxruntime-node': { optional: true },
      'onnxruntime-web': { optional: true },
      sharp: { optional: true },
    });
  });

  it('has no large file twice', () => {
    const digests = consumer.files
      .filter(({ size }) => size > 100_000)
      .map(({ path }) =>
        createHash('sha256')
          .update(readFileSync(packedPath(path)))
          .digest('hex'),
      );
    expect(digests.length).toBeGreaterThan(5);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('passes publint', async () => {
    const pkgDir = join(consumer.folder, 'node_modules', 'ts-diffusion');
    const { messages, pkg } = await publint({ pkgDir, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('passes @arethetypeswrong, whose only findings are of require, which ES modules do not have', async () => {
    const pack = createPackageFromTarballData(readFileSync(consumer.tarball));
    const checked = await checkPackage(pack);
    if (checked.types === false) throw new Error('the package has no types');
    const esmOnly = checked.problems.filter(
      (problem) =>
        !(problem.kind === 'CJSResolvesToESM' || ('resolutionKind' in problem && problem.resolutionKind === 'node10')),
    );
    expect(esmOnly).toEqual([]);
    expect(Object.keys(checked.entrypoints)).toEqual(expect.arrayContaining(['.', './train', './node']));
  });

  it.each([
    ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
    ['nodenext', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
  ])('type-checks in a project with moduleResolution %s, declarations included', (_, module, moduleResolution) => {
    const names = entriesOf('node');
    const imports = names.map((name, i) => `import * as entry${i} from '${name}';`);
    const use = `
      import { DiffusionPipeline } from 'ts-diffusion';
      export const entries = [${names.map((__, i) => `entry${i}`).join(', ')}];
      export async function draw(): Promise<Uint8Array> {
        const pipeline = await DiffusionPipeline.load('modern');
        const { images } = await pipeline.generate({ labels: [3], seed: 1 });
        return images;
      }
      // @ts-expect-error: the types are there, and say that a seed is a number.
      export const wrong = (pipeline: DiffusionPipeline) => pipeline.generate({ labels: [3], seed: '1' });
    `;
    const file = consumer.write('src/use.ts', imports.join('\n') + use);
    const program = ts.createProgram([file], {
      module,
      moduleResolution,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: ['node'],
      typeRoots: [join(consumer.folder, 'node_modules', '@types')],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    });
    const problems = ts
      .getPreEmitDiagnostics(program)
      .filter(({ file: source }) => source === undefined || !source.fileName.includes('@types/node'))
      .map((each) => `${each.file?.fileName ?? ''} ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}`);
    expect(problems).toEqual([]);
  });
});

const packedPath = (path: string): string => join(consumer.folder, 'node_modules', 'ts-diffusion', path);
const packedText = (path: string): string => readFileSync(packedPath(path), 'utf8');
