import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { ModelManifest } from '../src/engine/manifest.js';

const folder = fileURLToPath(new URL('../../models/', import.meta.url));

/** Copies `models/manifest.json` and the files it names. */
export function models(): Plugin {
  return {
    name: 'models',
    apply: 'build',
    generateBundle() {
      const text = readFileSync(`${folder}manifest.json`, 'utf8');
      const { models: shipped, evaluator } = JSON.parse(text) as ModelManifest;
      this.emitFile({ type: 'asset', fileName: 'models/manifest.json', source: text });
      for (const file of [
        ...shipped.map((model) => model.file),
        ...(evaluator === undefined ? [] : [evaluator.file]),
      ]) {
        this.emitFile({ type: 'asset', fileName: `models/${file}`, source: readFileSync(folder + file) });
      }
    },
  };
}
