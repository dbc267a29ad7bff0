import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const library = './packages/ts-diffusion/src';
const cli = './packages/cli/src';
const studio = './packages/studio/src';

/**
 * The layers of the library (CONTRIBUTING.md): each folder of its src/ with the folders it may import from. Only `runtime`,
 * `node` and `browser` may import onnxruntime. `node` and `browser` hold what one platform has: the others reach them as
 * `#platform`, and `entries` are what users import.
 */
const layers = {
  utils: [],
  shipped: [],
  formats: ['utils'],
  data: ['formats', 'utils'],
  onnx: ['utils'],
  graph: ['onnx', 'utils'],
  runtime: ['onnx', 'utils'],
  nn: ['graph', 'utils'],
  models: ['nn', 'graph', 'utils'],
  diffusion: ['nn', 'graph', 'utils'],
  training: ['diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'formats', 'utils'],
  pipeline: ['training', 'diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'formats', 'utils'],
  distillation: ['pipeline', 'training', 'diffusion', 'models', 'nn', 'graph', 'runtime', 'formats', 'utils'],
  classifier: ['training', 'nn', 'graph', 'onnx', 'runtime', 'data', 'formats', 'utils', 'pipeline'],
  diagnostics: ['pipeline', 'training', 'diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'utils'],
  evaluation: [
    'classifier',
    'pipeline',
    'training',
    'diffusion',
    'models',
    'nn',
    'graph',
    'onnx',
    'runtime',
    'data',
    'formats',
    'utils',
  ],
  worker: [
    'diagnostics',
    'classifier',
    'pipeline',
    'training',
    'diffusion',
    'models',
    'nn',
    'graph',
    'onnx',
    'runtime',
    'data',
    'utils',
  ],
  element: ['worker', 'pipeline', 'diffusion', 'runtime', 'utils'],
};

const layerZones = Object.entries(layers).flatMap(([layer, allowed]) =>
  [...Object.keys(layers), 'node', 'browser', 'entries']
    .filter((other) => other !== layer && !allowed.includes(other))
    .map((other) => ({
      target: `${library}/${layer}`,
      from: `${library}/${other}`,
      // `#platform` resolves to files of one platform: what all platforms have is imported by that name alone.
      ...(other === 'node' && { except: ['./platform'] }),
      message: `${layer} may import only from: ${allowed.join(', ') || 'nothing'} (see CONTRIBUTING.md)`,
    })),
);

const zones = [
  ...layerZones,
  { target: `${library}/node`, from: `${library}/browser`, message: 'what is for Node must not need a browser' },
  { target: `${library}/browser`, from: `${library}/node`, message: 'what is for browsers must not need Node' },
  { target: library, from: cli, message: 'the library must not need the command line' },
  { target: library, from: studio, message: 'the library must not need the page' },
  { target: studio, from: cli, except: ['./studio/api.ts'], message: "the page knows only the server's api.ts" },
  ...[
    'onnx',
    'graph',
    'nn',
    'models',
    'diffusion',
    'training',
    'pipeline',
    'distillation',
    'classifier',
    'evaluation',
    'worker',
    'node',
  ].flatMap((folder) =>
    [cli, studio].map((target) => ({
      target,
      from: `${library}/${folder}`,
      // Imports by the package's name resolve to src/entries; a path into another folder is not one of them.
      message: "the library's entries (ts-diffusion, ts-diffusion/train, ...) are what it offers: import those",
    })),
  ),
];

const onlyRuntime = 'only the runtimes may import onnxruntime';

export default tseslint.config(
  { ignores: ['**/dist', 'coverage', '**/node_modules'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, importX.flatConfigs.typescript],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/ts-diffusion/src/{runtime,node/runtime,browser/runtime}/**', 'packages/studio/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['onnxruntime-*'], message: onlyRuntime }] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^onnxruntime-/]', message: onlyRuntime },
      ],
    },
  },
  {
    files: ['packages/ts-diffusion/src/**/*.ts', 'packages/studio/src/**/*.{ts,tsx}'],
    ignores: ['packages/ts-diffusion/src/node/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...[
          'Buffer',
          'process',
          'global',
          'require',
          'module',
          '__dirname',
          '__filename',
          'setImmediate',
          'clearImmediate',
        ].map((name) => ({ name, message: 'browsers have none: what is for Node belongs into src/node (#platform)' })),
      ],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.base] },
  prettier,
);
