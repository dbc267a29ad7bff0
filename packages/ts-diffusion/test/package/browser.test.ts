import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build, createLogger } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import webpack from 'webpack';
import { patientTests } from '../patience.js';
import { describeWithChromium } from '../runtime/chromium.js';
import { createConsumer, entriesOf, type Consumer } from './consumer.js';
import { difference, drawingProgram, drawnHere, drawnInPage } from './drawing-page.js';

type Bundler = (consumer: Consumer, out: string, inputs: Readonly<Record<string, string>>) => Promise<string[]>;

/** Each bundles programs, as its documentation shows it, and returns its warnings. */
const bundlers: Readonly<Record<string, Bundler>> = {
  Vite: async ({ folder }, out, input) => {
    const warnings: string[] = [];
    // A slow machine is no reason for a warning.
    const checks = { bundlerTimings: false };
    const customLogger = createLogger('silent');
    customLogger.warn = (text) => warnings.push(text);
    await build({
      configFile: false,
      root: folder,
      base: './',
      customLogger,
      worker: { rolldownOptions: { checks } },
      build: {
        outDir: out,
        target: 'es2022',
        minify: false,
        // The size of the models is known.
        chunkSizeWarningLimit: 2000,
        rolldownOptions: {
          input,
          checks,
          output: { entryFileNames: '[name].js' },
          preserveEntrySignatures: 'strict',
        },
      },
    });
    return warnings;
  },
  esbuild: async ({ folder }, outdir, entryPoints) => {
    const { warnings } = await esbuild.build({
      absWorkingDir: folder,
      entryPoints,
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      logLevel: 'silent',
    });
    return warnings.map(({ text }) => text);
  },
  webpack: async ({ folder }, path, entry) => {
    const compiler = webpack({
      mode: 'production',
      context: folder,
      entry,
      output: { path },
      optimization: { minimize: false },
      performance: { hints: false },
    });
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      compiler.run((error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
    const { warnings = [], errors = [] } = stats?.toJson({ all: false, warnings: true, errors: true }) ?? {};
    return [...errors, ...warnings].map(({ message }) => message);
  },
};

let consumer: Consumer;
patientTests();
beforeAll(() => {
  consumer = createConsumer('onnxruntime-web');
});
afterAll(() => {
  consumer.remove();
});

// Time: 30 s on two quiet cores.
describeWithChromium('the packed library in a browser', () => {
  it.each(Object.entries(bundlers))(
    '%s bundles every entry without a warning or a module of Node',
    async (name, run) => {
      const inputs = Object.fromEntries(
        entriesOf('browser').map((entry, i) => [
          `entry${i}`,
          consumer.write(`${name}/entry${i}.js`, `import * as entry from '${entry}';\nconsole.log(entry);\n`),
        ]),
      );
      expect(Object.keys(inputs).length).toBeGreaterThan(5);
      const out = join(consumer.folder, `${name}-entries`);
      expect(await run(consumer, out, inputs)).toEqual([]);
      // ONNX Runtime's own loader names modules of Node, which it imports in Node alone.
      const scripts = filesIn(out).filter(
        (file) => file.endsWith('.js') && !readFileSync(file, 'utf8').includes(ONNX_RUNTIME),
      );
      expect(scripts.length).toBeGreaterThan(5);
      expect(scripts.filter(namesNodeModule)).toEqual([]);
    },
  );

  it('has no module of Node in its files for browsers', () => {
    const folder = join(consumer.folder, 'node_modules', 'ts-diffusion', 'dist');
    expect(filesIn(join(folder, 'browser')).filter(namesNodeModule)).toEqual([]);
    expect(filesIn(join(folder, 'node')).some(namesNodeModule)).toBe(true);
  });

  it.each(['Vite', 'webpack'])('a page bundled by %s draws the digit that Node draws', async (name) => {
    const out = join(consumer.folder, `${name}-page`);
    const page = consumer.write(`${name}/page.js`, drawingProgram);
    expect(await bundlers[name]?.(consumer, out, { page })).toEqual([]);
    consumer.write(`${name}-page/index.html`, '<!doctype html><script type="module" src="page.js"></script>');
    expect(difference(await drawnInPage(out, 'index.html'), await drawnHere())).toBeLessThan(0.5);
  });

  it('a page without a bundler, with an import map, draws the digit that Node draws', async () => {
    const imports = {
      'ts-diffusion': './node_modules/ts-diffusion/dist/browser/main.js',
      'onnxruntime-web/wasm': './node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs',
    };
    consumer.write(
      'plain.html',
      `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>
       <script type="module">${drawingProgram}</script>`,
    );
    expect(difference(await drawnInPage(consumer.folder, 'plain.html'), await drawnHere())).toBeLessThan(0.5);
  });
});

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** How each file of ONNX Runtime begins. */
const ONNX_RUNTIME = 'ONNX Runtime Web v';

const namesNodeModule = (file: string): boolean => /["'`]node:/.test(readFileSync(file, 'utf8'));
