import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { encodeClassifier } from '../../../ts-diffusion/src/classifier/classifier-file.js';
import { readClassifierReceipt } from '../../../ts-diffusion/src/node/classifier/classifier-receipt.js';
import { readClassifier } from '../../../ts-diffusion/src/node/classifier/read-classifier.js';
import { networkFiles } from '../../../ts-diffusion/src/node/evaluation/network-files.js';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { loadNetworks } from '../../src/options/evaluation-options.js';

const models = fileURLToPath(new URL('../../../ts-diffusion/models/', import.meta.url));
const cache = mkdtempSync(join(tmpdir(), 'published-networks-'));
afterAll(() => {
  rmSync(cache, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('networks that were trained for other data are found, but MNIST is scored with those of the package', async () => {
  vi.stubEnv('DIFFUSION_CACHE_DIR', cache);
  const mnist = readClassifierReceipt(join(models, 'evaluator.receipt.json')).data.train.sha256;
  const runtime = await createNodeRuntime({ threads: 1 });
  const origins: (string | undefined)[] = [];
  for (const sha256 of [mnist, 'e'.repeat(64)]) {
    const paths = networkFiles(sha256, process.env);
    mkdirSync(dirname(paths.evaluator), { recursive: true });
    for (const [path, name] of [
      [paths.evaluator, 'evaluator'],
      [paths.featureNetwork, 'feature-network'],
      [paths.secondFeatureNetwork, 'second-feature-network'],
    ] as const) {
      copyFileSync(join(models, `${name}.safetensors`), path);
      const { network, parameters } = readClassifier(path);
      writeFileSync(path, encodeClassifier(network, parameters, sha256));
    }
    const { networks } = await loadNetworks({}, runtime, sha256);
    origins.push(networks.trainedOn);
  }
  expect(origins).toEqual([undefined, 'e'.repeat(64)]);
});
