import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * The layers of CONTRIBUTING.md: each folder of src/ with the folders it may import from.
 * `data` and `utils` are leaves; only `runtime` may import onnxruntime.
 */
const layers = {
  utils: [],
  data: ['utils'],
  onnx: ['utils'],
  graph: ['onnx', 'utils'],
  runtime: ['onnx', 'utils'],
  nn: ['graph', 'utils'],
  models: ['nn', 'graph', 'utils'],
  diffusion: ['nn', 'graph', 'utils'],
  training: ['diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'utils'],
  pipeline: ['training', 'diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'utils'],
  evaluation: ['pipeline', 'training', 'diffusion', 'models', 'nn', 'graph', 'onnx', 'runtime', 'data', 'utils'],
  experiments: ['evaluation', 'pipeline', 'training', 'diffusion', 'models', 'nn', 'graph', 'runtime', 'data', 'utils'],
};

const zones = Object.entries(layers).flatMap(([layer, allowed]) =>
  [...Object.keys(layers), 'cli']
    .filter((other) => other !== layer && !allowed.includes(other))
    .map((other) => ({
      target: `./src/${layer}`,
      from: `./src/${other}`,
      message: `src/${layer} may import only from: ${allowed.join(', ') || 'nothing'} (see CONTRIBUTING.md)`,
    })),
);

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
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['onnxruntime-*'], message: 'only src/runtime may import onnxruntime' }] },
      ],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.base] },
  prettier,
);
