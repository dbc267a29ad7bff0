import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { ModelManifest } from 'ts-diffusion';
import type { PageManifest } from '../src/engine/manifest.js';

const folder = fileURLToPath(new URL('../../ts-diffusion/models/', import.meta.url));
const EVALUATOR = 'evaluator.safetensors';

/** Copies the models that `models/manifest.json` names, and the evaluator where it is there. */
export function models(): Plugin {
  return {
    name: 'models',
    apply: 'build',
    generateBundle() {
      const manifest: PageManifest = {
        ...(JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8')) as ModelManifest),
        ...(existsSync(folder + EVALUATOR) && { evaluator: { file: EVALUATOR } }),
      };
      const emit = (file: string, source: string | Uint8Array): void => {
        this.emitFile({ type: 'asset', fileName: `models/${file}`, source });
      };
      emit('manifest.json', JSON.stringify(manifest));
      const { models: shipped, evaluator } = manifest;
      for (const { file } of evaluator ? [...shipped, evaluator] : shipped) emit(file, readFileSync(folder + file));
    },
  };
}
