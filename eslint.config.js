import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * The layers of CONTRIBUTING.md: each folder of src/ with the folders it may import from.
 * `data` and `utils` are leaves; `config` is src/config.ts; nothing imports src/index.ts; only `runtime` may import
 * onnxruntime.
 */
const layers = {
  utils: [],
  formats: ['utils'],
  data: ['formats', 'utils'],
  onnx: ['utils'],
  graph: ['onnx', 'utils'],
  runtime: ['onnx', 'utils'],
  nn: ['graph', 'utils'],
  models: ['nn', 'graph', 'utils'],
  diffusion: ['nn', 'graph', 'utils'],
  training: ['config', 'diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'formats', 'utils'],
  pipeline: ['config', 'training', 'diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'formats', 'utils'],
  evaluation: [
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
  experiments: [
    'config',
    'evaluation',
    'pipeline',
    'training',
    'diffusion',
    'models',
    'nn',
    'graph',
    'runtime',
    'data',
    'formats',
    'utils',
  ],
  studio: ['config', 'training', 'diffusion', 'formats', 'utils'],
};

const layerZones = Object.entries(layers).flatMap(([layer, allowed]) =>
  [...Object.keys(layers), 'cli', 'config']
    .filter((other) => other !== layer && !allowed.includes(other))
    .map((other) => ({
      target: `./src/${layer}`,
      from: other === 'config' ? './src/config.ts' : `./src/${other}`,
      message: `src/${layer} may import only from: ${allowed.join(', ') || 'nothing'} (see CONTRIBUTING.md)`,
    })),
);

const zones = [
  ...layerZones,
  {
    target: './src',
    from: './src/index.ts',
    message: 'src/index.ts is for users of the package: import the file itself',
  },
];

const onlyRuntime = 'only src/runtime may import onnxruntime';

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
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
    files: ['src/**/*.ts'],
    ignores: ['src/runtime/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['onnxruntime-*'], message: onlyRuntime }] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression[source.value=/^onnxruntime-/]', message: onlyRuntime },
      ],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.base] },
  prettier,
);
