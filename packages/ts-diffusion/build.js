// Builds the library into dist/: one bundle for Node, one for browsers, one of declarations. What is small is bundled, so that
// users install nothing but this package and ONNX Runtime.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const entries = readdirSync(path('src/entries')).map((file) => basename(file, '.ts'));

/** Large, and users' to install: what they do not need, they leave out. */
const external = /^(node:|onnxruntime-(node|web)|sharp$)/;

/** Imports of `#platform/...` lead to the files of one platform. */
const platformFiles = (platform) => ({
  name: 'platform-files',
  resolveId(source) {
    const file = /^#platform\/(.*)\.js$/.exec(source)?.[1];
    return file === undefined ? null : path(`src/${platform}/platform/${file}.ts`);
  },
});

// All files of a bundle lie in one folder: addresses of models and data are relative to it (src/shipped).
const chunkFileNames = '[name]-[hash].js';

/** One file for each module and each package: a page's bundler leaves out the files of which the page uses nothing. */
const filePerModule = {
  preserveEntrySignatures: 'allow-extension',
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [{ debugName: 'module', name: fileOf }],
  },
};

function fileOf(module) {
  const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module) ?? [];
  return name?.replace(/[@/]/g, '') ?? relative(path('src'), module).replace(/\.ts$/, '').replaceAll('/', '-');
}

/** @returns the modules that it is made of */
async function bundle(platform, input, { preserveEntrySignatures, codeSplitting } = {}) {
  const build = await rolldown({
    input,
    platform,
    external,
    plugins: [platformFiles(platform)],
    preserveEntrySignatures,
    // Not `node`: packages' files for all platforms import no modules of Node.
    resolve: { conditionNames: ['import', 'default'] },
    // `main` exports the runtime that the pipeline imports on demand.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.write({
    dir: path(`dist/${platform}`),
    format: 'esm',
    // The declarations keep the documentation; bundlers read annotations.
    comments: { annotation: true, jsdoc: false, legal: false },
    chunkFileNames,
    codeSplitting,
  });
  return output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
}

async function declarations() {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, path(`src/entries/${name}.ts`)])),
    platform: 'node',
    external,
    plugins: [
      platformFiles('node'),
      ...dts({
        emitDtsOnly: true,
        tsconfig: path('tsconfig.build.json'),
        // Types of bundled packages that the library's own mention.
        resolve: ['zod', 'onnxruntime-common'],
      }),
    ],
  });
  const { output } = await build.write({
    dir: path('dist/types'),
    format: 'esm',
    chunkFileNames,
    codeSplitting: { groups: [{ name: 'dependencies.d', test: /node_modules/ }] },
  });
  // zod silences its own errors by comments that bundling moves. Its types are checked where it is made.
  const [dependencies] = output.filter(({ fileName }) => fileName.startsWith('dependencies'));
  if (dependencies === undefined) throw new Error('the declarations of dependencies are not in a file of their own');
  const file = path(`dist/types/${dependencies.fileName}`);
  writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`);
  // A program without exports.
  writeFileSync(path('dist/types/worker-thread.d.ts'), 'export {};\n');
}

/** The licences of the bundled packages ask to be passed on. */
function licences(modules) {
  const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? `Licence: ${license}\n` : readFileSync(`${folder}/${file}`, 'utf8');
    return `${name} ${version}\n\n${text}`;
  });
  writeFileSync(path('dist/LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

const entry = (name) => [name, path(`src/entries/${name}.ts`)];
const without = (left) => Object.fromEntries(entries.filter((name) => !left.includes(name)).map(entry));

/** What a worker of `./worker` runs: a file of its own, found by its name beside the file that starts it. */
const program = (platform) => ({ 'worker-thread': path(`src/${platform}/worker-thread.ts`) });

rmSync(path('dist'), { recursive: true, force: true });
const bundles = await Promise.all([
  bundle('node', { ...without(['element']), ...program('node') }),
  bundle('browser', without(['element', 'node']), filePerModule),
  // What a page or a worker loads without a bundler is one script.
  bundle('browser', Object.fromEntries([entry('element')]), { codeSplitting: false }),
  bundle('browser', program('browser'), { codeSplitting: false }),
]);
await declarations();
licences(bundles.flat());
